package checkpoint_test

import (
	"strings"

	"chot/kiosk/declaration"
)

// units are a few of the real ones.
var units = func() *declaration.Units {
	u, err := declaration.LoadUnits("2022", strings.NewReader(
		"level\tcode\tparent\tname\tname_ascii\n"+
			"province\t30\t\tTỉnh Hải Dương\tHai Duong\n"+
			"province\t31\t\tThành phố Hải Phòng\tHai Phong\n"+
			"district\t298\t30\tHuyện Tứ Kỳ\tTu Ky\n"+
			"district\t288\t30\tThành phố Hải Dương\tHai Duong\n"+
			"district\t303\t31\tQuận Hồng Bàng\tHong Bang\n"+
			"commune\t11074\t298\tThị trấn Tứ Kỳ\tTu Ky\n"+
			"commune\t11113\t298\tXã Tân Kỳ\tTan Ky\n"+
			"commune\t11086\t298\tXã Đại Sơn\tDai Son\n"+
			"commune\t10507\t288\tPhường Cẩm Thượng\tCam Thuong\n"+
			"commune\t11296\t303\tPhường Quán Toan\tQuan Toan\n"))
	if err != nil {
		panic(err)
	}
	return u
}()
