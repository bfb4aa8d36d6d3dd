// Package vnid reads the codes on Vietnamese identity papers: the citizen ID
// card of 2021 ([Card]), the personal QR of decision 1405/QĐ-BTTTT ([Personal])
// and the health-insurance card ([Insurance]).
//
// All three are fields separated by | and none is signed: whoever can print a QR
// code can print one of these. They identify and prove nothing, so that the
// standing of every credential read here is SelfDeclared.
//
// # Citizen ID card
//
// Seven fields: the number of 12 digits, the former number of 9 digits or
// nothing, the name, the birth date ddmmyyyy (zeroes, or the year alone, where
// day and month are unknown), Nam or Nữ, the address, the issue date ddmmyyyy.
// The number itself says the sex and the birth year (circular 59/2021/TT-BCA,
// article 4 and circular 07/2016/TT-BCA): where the card contradicts its own
// number, Problem is "number-mismatch". The layout of the card of 2024 is not
// published. A code with more or fewer fields that begins like a card is read as
// far as each of the seven places holds what it should, and has Problem
// "unknown-layout".
//
// # Personal QR
//
// SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID and optionally |EXT, version 1.1: a
// document number with * for hidden characters, the name in upper case without
// diacritics, the birth date YYYY-MM-DD with ** for a hidden day or month, 0 for
// oneself or 1 for somebody else, the number that the national service gave. EXT
// is not read: its content depends on the issuing app.
//
// # Health-insurance card
//
// The code (15 characters, since 2021 also 10 digits), the name in hexadecimal
// UTF-8, the birth date dd/mm/yyyy (also d/m/yyyy) or the year alone, the sex (1
// male, 2 female), the address in hexadecimal or -, the facility ("30 - 001"),
// valid from, valid to or -, the issue date or -; then what varies, and $ at the
// end. The shorter variants stop after valid from or later, with or without $.
package vnid
