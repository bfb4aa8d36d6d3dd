package exchange

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chot/kiosk/record"
)

//go:embed words.json
var wordsJSON []byte

// words are the words and codes of outcomes and techniques.
var words = func() (w struct {
	outcomes   map[string]record.Outcome
	pending    map[string]bool
	techniques map[string]record.Technique
}) {
	var data struct {
		Outcomes, Techniques map[string][]string
		Pending              []string
	}
	if err := json.Unmarshal(wordsJSON, &data); err != nil {
		panic(err) // the file is compiled in
	}
	w.outcomes, w.techniques, w.pending = map[string]record.Outcome{}, map[string]record.Technique{}, map[string]bool{}
	for code, names := range data.Outcomes {
		for _, name := range append(names, code) {
			w.outcomes[Plain(name)] = record.ParseOutcome(code)
		}
	}
	for code, names := range data.Techniques {
		for _, name := range append(names, code) {
			w.techniques[Plain(name)] = record.ParseTechnique(code)
		}
	}
	for _, name := range data.Pending {
		w.pending[Plain(name)] = true
	}
	return w
}()

// Plain is a text without case, diacritics, blanks and punctuation: "Kết quả" and
// "KET_QUA" are one. Signs of results stay: "+" and "-", for every dash.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r == 'đ':
			return 'd'
		case r == '+' || r == '-':
			return r
		case strings.ContainsRune("‐‑‒–—―−﹣－", r):
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return -1
	}, norm.NFD.String(s))
}

// invisible are blanks that strings.TrimSpace leaves.
const invisible = "\u200b\u200c\u200d\u2060\ufeff\u00ad"

// Trim removes outer blanks, the invisible ones too, and composes (NFC).
func Trim(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(invisible, r) })
	return norm.NFC.String(s)
}

// TechniqueOf reads a technique, 0 for a word that is not known.
func TechniqueOf(s string) record.Technique { return words.techniques[Plain(s)] }

// Reading is what a text says of an outcome.
type Reading struct {
	Outcome record.Outcome
	Pending bool   // there is no result yet
	Problem string // [BadOutcome], [SignDiffers], [CellError]; "" where it was read
}

var (
	// ct is a cycle threshold behind the word: "CT 25.3", "Ct: N=25, E=26".
	ct = regexp.MustCompile(`(?i)[\s,;(\[]*\bct\b[\s:=]*(value)?[\s:=]*[0-9a-z.,;=<>/ ]*[)\]]*$`)
	// signs behind or before the word: "(-)", "[+]".
	signs     = regexp.MustCompile(`[(\[]?\s*[-+‐‑‒–—―−]+\s*[)\]]?`)
	cellError = regexp.MustCompile(`^#(N/A|REF!|NAME\?|VALUE!|NUM!|NULL!|DIV/0!)$`)
)

// ReadOutcome reads an outcome as laboratories write it: a word or code, with or
// without a sign and a cycle threshold. Word and sign must agree.
func ReadOutcome(s string) Reading {
	s = Trim(s)
	if s == "" {
		return Reading{Pending: true}
	}
	if cellError.MatchString(strings.ToUpper(s)) {
		return Reading{Problem: CellError}
	}
	if r, known := wordOf(s); known {
		return r
	}
	rest := Trim(ct.ReplaceAllString(s, ""))
	if r, known := wordOf(rest); known {
		return r
	}
	sign := signs.FindString(rest)
	if sign == "" {
		return Reading{Problem: BadOutcome}
	}
	// The sign stands first or last, the word is all else.
	word := Trim(strings.Replace(rest, sign, " ", 1))
	if !strings.HasPrefix(rest, sign) && !strings.HasSuffix(rest, sign) {
		return Reading{Problem: BadOutcome}
	}
	r, known := wordOf(word)
	signed, fine := wordOf(sign)
	switch {
	case !known || !fine:
		return Reading{Problem: BadOutcome}
	case r.Outcome != signed.Outcome:
		return Reading{Problem: SignDiffers}
	}
	return r
}

func wordOf(s string) (Reading, bool) {
	plain := Plain(s)
	if words.pending[plain] {
		return Reading{Pending: true}, true
	}
	if len(plain) > 1 && strings.Trim(plain, "+-") == "" && strings.Trim(plain, plain[:1]) == "" {
		plain = plain[:1] // "+++"
	}
	o, known := words.outcomes[plain]
	return Reading{Outcome: o}, known
}

// Agree reads several texts that name one outcome: codes and their displays. Those
// that are known must say the same.
func Agree(texts []string) (r Reading, problem string) {
	known := false
	problem = BadOutcome
	for _, text := range texts {
		one := ReadOutcome(text)
		switch {
		case one.Problem == SignDiffers:
			return Reading{}, SignDiffers
		case one.Problem != "" || text == "":
			continue
		case known && one != r:
			return Reading{}, SignDiffers
		}
		r, known, problem = one, true, ""
	}
	return r, problem
}

// germs are the answers that name a germ (SNOMED CT organisms).
var germs = map[string]string{"840533007": "SARS-CoV-2", "407479009": "influenza A", "407480007": "influenza B"}

// GermOf is the germ that one of the texts names, "" where none does.
func GermOf(texts []string) string {
	for _, text := range texts {
		if germ := germs[text]; germ != "" {
			return germ
		}
	}
	return ""
}
