// Package vnid reads the codes on Vietnamese identity papers: the citizen ID
// card of 2021 ([Card]), the personal QR of decision 1405/QĐ-BTTTT ([Personal])
// and the health-insurance card ([Insurance]).
//
// All three are fields separated by | and none is signed: whoever can print a QR
// code can print one of these. They identify and prove nothing, so that the
// standing of every credential read here is SelfDeclared.
//
// What identifies must be there and of its form: number or code, and name. Every
// other field is read or left out, and never refuses a card; where a birth date,
// a sex or a day is there and cannot be read, Problem is "field-unread". Fields
// are composed (NFC), and blanks, NUL, CR and the like around them are taken off.
//
// # Citizen ID card
//
// Seven fields: the number of 12 digits, the former number of 9 digits or
// nothing, the name, the birth date ddmmyyyy (zeroes, or the year alone, where
// day and month are unknown), Nam or Nữ, the address, the issue date ddmmyyyy.
// Cards issued since July 2024 (Law 26/2023/QH15, circular 16/2024/TT-BCA) have
// four more, empty on all that are known; what they are for is not published.
// The number itself says the sex and the birth year (circular 59/2021/TT-BCA,
// article 4 and circular 07/2016/TT-BCA): where the card contradicts its own
// number, Problem is "number-mismatch". With fewer than seven fields, or with
// something behind the seventh, it is "unknown-layout", and what stands behind
// is left out.
//
// # Personal QR
//
// SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID and optionally |EXT, version 1.1: a
// document number with * for hidden characters, the name in upper case without
// diacritics, the birth date YYYY-MM-DD with ** for a hidden day or month, 0 for
// oneself or 1 for another person, the number that the national service gave. EXT
// is not read: its content depends on the issuing app.
//
// # Health-insurance card
//
// The code (15 characters, since 2021 also 10 digits, or the person's number of
// 12), the name in hexadecimal
// UTF-8, the birth date dd/mm/yyyy (also d/m/yyyy) or the year alone, the sex (1
// male, 2 female, 3 not known), the address in hexadecimal or -, the facility
// ("30 - 001", "01 - C54"), valid from, valid to or -, the issue date or -; then
// what varies, and $ or # at the end. The shorter variants stop after valid from
// or later, with or without the mark.
package vnid
