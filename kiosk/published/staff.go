package published

import "fmt"

const staffFile = "staff.json"

func loadStaff(l *loader, d *Data) error {
	if err := l.one(staffFile, &d.Staff); err != nil {
		return err
	}
	for i, b := range d.Staff.Badges {
		key := fmt.Sprintf("badges[%d]", i)
		if b.Number == "" {
			return in(staffFile, wrong(key+".number", "a badge has no number"))
		}
		if err := b.PIN.Check(); err != nil && !b.Revoked {
			return in(staffFile, &Error{Key: key + ".pin", Why: err})
		}
	}
	return nil
}
