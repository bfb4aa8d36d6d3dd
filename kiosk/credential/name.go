package credential

// NameSigns are the characters that stand between the letters of a person's name:
// those of the highlands' names (H` Niê, Y’ Mẫu), those that typists take for them,
// and brackets around another name.
const NameSigns = " '’‘ʼ`´.,-–—‑()/·&"
