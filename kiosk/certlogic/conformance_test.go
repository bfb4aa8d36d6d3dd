package certlogic_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"chot/deploy/testbed/publicdata"
	"chot/kiosk/certlogic"
)

// each decodes every JSON file below a folder.
func each[T any](t testing.TB, folder string, do func(name string, content T)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var content T
		if err := json.Unmarshal(data, &content); err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		files++
		name, _ := filepath.Rel(folder, path)
		do(name, content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no test data in %s", folder)
	}
}

// tally counts what agrees and what does not, by key.
type tally struct {
	keys            []string
	agree, disagree map[string]int
}

func (c *tally) count(key string, agrees bool) bool {
	if c.agree == nil {
		c.agree, c.disagree = map[string]int{}, map[string]int{}
	}
	if c.agree[key]+c.disagree[key] == 0 {
		c.keys = append(c.keys, key)
	}
	if agrees {
		c.agree[key]++
	} else {
		c.disagree[key]++
	}
	return agrees
}

func (c *tally) print(t testing.TB) {
	t.Helper()
	agree, disagree := 0, 0
	t.Logf("%-45s %6s %9s", "", "agree", "disagree")
	for _, k := range c.keys {
		t.Logf("%-45s %6d %9d", k, c.agree[k], c.disagree[k])
		agree, disagree = agree+c.agree[k], disagree+c.disagree[k]
	}
	t.Logf("%-45s %6d %9d", "all", agree, disagree)
}

// plain is a value as encoding/json would have it, so that two can be compared.
func plain(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case json.Number:
		f, _ := v.Float64()
		return f
	case time.Time:
		return v.Format("2006-01-02T15:04:05.000Z07:00")
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k := range v {
			out[k] = plain(v[k])
		}
		return out
	}
	return v
}

// TestEvaluationSuite runs the specification's test suite. A directive "skip"
// there asks an implementation to skip; here it is run where a result is given.
func TestEvaluationSuite(t *testing.T) {
	t.Parallel()
	type assertion struct {
		Expr     json.RawMessage `json:"certLogicExpression"`
		Data     any             `json:"data"`
		Expected json.RawMessage `json:"expected"` // "null" where null is expected, empty where nothing is defined
		Message  string          `json:"message"`
	}
	type suite struct {
		Cases []struct {
			Name       string          `json:"name"`
			Expr       json.RawMessage `json:"certLogicExpression"`
			Assertions []assertion     `json:"assertions"`
		} `json:"cases"`
	}
	var c tally
	each(t, publicdata.Folder(t, "certlogic/testSuite"), func(file string, s suite) {
		for _, test := range s.Cases {
			for i, a := range test.Assertions {
				expr := a.Expr
				if expr == nil {
					expr = test.Expr
				}
				if len(a.Expected) == 0 {
					continue
				}
				var want any
				if err := json.Unmarshal(a.Expected, &want); err != nil {
					t.Fatal(err)
				}
				x, err := certlogic.Compile(expr)
				if err != nil {
					c.count(file, false)
					t.Errorf("%s: %s, assertion %d: %v", file, test.Name, i+1, err)
					continue
				}
				got, err := x.Evaluate(a.Data)
				if !c.count(file, err == nil && reflect.DeepEqual(plain(got), want)) {
					t.Errorf("%s: %s, assertion %d (%s): %v, %v, want %v", file, test.Name, i+1, a.Message, got, err, want)
				}
			}
		}
	})
	c.print(t)
}

// TestValidationSuite runs the specification's test suite for validators.
func TestValidationSuite(t *testing.T) {
	t.Parallel()
	type suite struct {
		Cases []struct {
			Expr   json.RawMessage `json:"certLogicExpression"`
			Issues []struct {
				Expr    any    `json:"expr"`
				Message string `json:"message"`
			} `json:"issues"`
		} `json:"cases"`
	}
	var c tally
	each(t, publicdata.Folder(t, "certlogic/validation-testSuite"), func(file string, s suite) {
		for _, test := range s.Cases {
			got, err := certlogic.Validate(test.Expr)
			agrees := err == nil && len(got) == len(test.Issues)
			for i := range test.Issues {
				agrees = agrees && got[i].Message == test.Issues[i].Message && reflect.DeepEqual(plain(got[i].Expr), test.Issues[i].Expr)
			}
			if !c.count(file, agrees) {
				t.Errorf("%s: %s: %+v, %v, want %+v", file, test.Expr, got, err, test.Issues)
			}
		}
	})
	c.print(t)
}

// TestNationalRules runs the tests that come with national rules.
func TestNationalRules(t *testing.T) {
	t.Parallel()
	type rule struct {
		Identifier, Country string
		Logic               json.RawMessage
	}
	type test struct {
		Name     string         `json:"name"`
		Payload  map[string]any `json:"payload"`
		External map[string]any `json:"external"`
		Expected any            `json:"expected"`
	}
	var c tally
	root := publicdata.Folder(t, "certlogic/rules")
	rules, err := filepath.Glob(filepath.Join(root, "*", "*", "rule.json"))
	if err != nil || len(rules) == 0 {
		t.Fatalf("no rules in %s", root)
	}
	for _, file := range rules {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r rule
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		x, err := certlogic.Compile(r.Logic)
		if err != nil {
			t.Errorf("%s: %v", r.Identifier, err)
			continue
		}
		dir := filepath.Join(filepath.Dir(file), "tests")
		if _, err := os.Stat(dir); err != nil {
			continue // this part of the suite has none for it
		}
		each(t, dir, func(name string, test test) {
			got, err := x.Holds(map[string]any{"payload": test.Payload, "external": test.External})
			if !c.count(r.Country, err == nil && got == test.Expected) {
				t.Errorf("%s, %s (%s): %v, %v, want %v", r.Identifier, strings.TrimSuffix(name, ".json"), test.Name, got, err, test.Expected)
			}
		})
	}
	c.print(t)
}
