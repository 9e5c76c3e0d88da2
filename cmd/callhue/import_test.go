package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"callhue/importexport"
)

func TestFilesThroughTheCommandLine(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.do("user", "add", "--login", "ivanov", "--name", "Ivanov")
		folder := t.TempDir()
		file := filepath.Join(folder, "c.csv")
		if err := os.WriteFile(file,
			[]byte("Название;Телефон;Кто ведёт;Примечание\nAcme;8 495 000-00-11;ivanov;x\n;8 495 000-00-12;;\n"),
			0o600); err != nil {
			t.Fatal(err)
		}
		exit, out, stderr := at.try("import", file, "--map", "Кто ведёт=owner", "--dry-run")
		for _, part := range []string{"owner  <- Кто ведёт", "left out", `"Примечание"`, "UTF-8", `";"`} {
			if !strings.Contains(stderr, part) {
				t.Errorf("before the first row %q is not told:\n%s", part, stderr)
			}
		}
		if exit != 0 ||
			!strings.Contains(out,
				"nothing was written: 2 rows: 1 added, 0 changed, 0 the same as before, 1 refused") ||
			strings.Contains(out+stderr, "\x1b") {
			t.Errorf("exit %d\n%s", exit, out)
		}
		var outcomes []importexport.Result
		if err := json.Unmarshal([]byte(at.do("import", file,
			"--map", "Кто ведёт=owner", "--json")), &outcomes); err != nil || outcomes[0].Added != 1 ||
			outcomes[0].Report != file+".refused.csv" {
			t.Errorf("%+v, %v", outcomes, err)
		}
		if out := at.do("import", file, "--map", "Кто ведёт=owner"); !strings.Contains(out, "was imported before") {
			t.Errorf("the same command once more: %s", out)
		}
		if verdict := at.do("check", "+74950000011", "--as", "ivanov"); !strings.Contains(verdict, "Acme") {
			t.Errorf("what was imported is not found:\n%s", verdict)
		}
		written := filepath.Join(folder, "out.csv")
		if out := at.do("export", "--kind", "company", written); !strings.Contains(out, "1 rows are in") {
			t.Error(out)
		}
		if text, err := os.ReadFile(written); err != nil ||
			!strings.Contains(string(text), ",Acme,8 495 000-00-11,work,") {
			t.Errorf("%s, %v", text, err)
		}
		for _, kind := range []string{"contact", "lead", "user", "call", "incident"} {
			if out := at.do("export", "--kind", kind, "-"); strings.Count(out, ",") < 5 {
				t.Errorf("%s: %s", kind, out)
			}
		}
		for _, c := range [][]string{
			{"import", file, "--as", "nobody"}, {"import", file, "--map", "Нет=owner"},
			{"import", file, "--map", "Название=nothing"}, {"import", file, "--kind", "deal"},
			{"import", filepath.Join(folder, "none.csv")},
			{"export", "--kind", "company", filepath.Join(folder, "x.vcf")},
			{"export", "--kind", "company", filepath.Join(folder, "no", "x.csv")},
		} {
			if exit, _, stderr := at.try(c...); exit != exitUsage ||
				strings.Count(strings.TrimSpace(stderr), "\n") != 0 {
				t.Errorf("callhue %s: exit %d, %s", strings.Join(c, " "), exit, stderr)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(left) != 0 {
			t.Errorf("half files are left: %v", left)
		}
	})
}
