package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"callhue/importexport"
	"callhue/rules"
)

// upload sends a file and returns the status and the answer.
func (p *process) upload(name, content string, fields ...string) (int, string) {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = form.WriteField(fields[i], fields[i+1])
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	return p.ask("POST", "/api/v1/imports", body.String(), "Content-Type", form.FormDataContentType())
}

// imported reads an import out of an answer.
func (p *process) imported(status int, answer string, want int) (out importexport.FileImport) {
	p.t.Helper()
	if status != want || json.Unmarshal([]byte(answer), &out) != nil {
		p.t.Fatalf("%d %s, want %d", status, answer, want)
	}
	return out
}

// awaits polls an import until it has a state.
func (at *terminal) awaits(p *process, id int64, state importexport.State) (out importexport.FileImport) {
	at.t.Helper()
	at.until(fmt.Sprintf("import %d is %s", id, state), func() bool {
		status, answer := p.ask("GET", fmt.Sprintf("/api/v1/imports/%d", id), "")
		out = p.imported(status, answer, 200)
		if out.State == importexport.Failed && state != importexport.Failed {
			at.t.Fatalf("the import failed: %s", answer)
		}
		return out.State == state
	})
	return out
}

func TestImportsOverTheAPI(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		petrov := p.token
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "importer"))
		// A call to a number of the file, by Petrov, while no one knows it: Ivanov's company will make it red.
		if status, answer := p.ask("POST", "/hooks/office/0123456789abcdef", `{"call_id":"c1","event":"ringing",`+
			`"direction":"out","number":"+74950000021","agent":"102"}`); status != http.StatusOK {
			t.Fatalf("call: %d %s", status, answer)
		}
		file := "Название;Телефон;Кто ведёт;Статус;Примечание\r\n" +
			"Delta;+7 495 000-00-21;Иванов И.;В работе;первая\r\n" +
			"Acme;8 (495) 000-00-11, 8 495 000-00-12;;;вторая\r\n" +
			";+7 495 000-00-23;;;третья\r\n"
		status, answer := p.upload("клиенты.csv", file)
		up := p.imported(status, answer, 201)
		if up.State != importexport.Uploaded || up.Kind != "company" || up.File != "клиенты.csv" ||
			up.Size != int64(len(file)) || len(up.Format.Columns) != 5 || up.Format.Columns[2].Field != "" ||
			up.Format.Columns[4].Samples[2] != "третья" || up.Format.Rows != 3 {
			t.Errorf("uploaded: %s", answer)
		}
		at1 := fmt.Sprintf("/api/v1/imports/%d", up.ID)
		status, answer = p.ask("PUT", at1,
			`{"kind":"company","charset":"","columns":{"Кто ведёт":"owner"},"owners":{}}`)
		up = p.imported(status, answer, 200)
		if up.Format.Columns[2].Field != "owner" || len(up.Format.Owners) != 1 ||
			up.Format.Owners[0].Name != "Иванов И." {
			t.Errorf("mapped: %s", answer)
		}
		status, answer = p.ask("PUT", at1,
			`{"kind":"company","charset":"","columns":{"Кто ведёт":"owner"},"owners":{"Иванов И.":2}}`)
		if up = p.imported(status, answer, 200); len(up.Format.Owners) != 0 {
			t.Errorf("with the owner: %s", answer)
		}
		status, answer = p.ask("POST", at1+"/dry-run", "")
		p.imported(status, answer, 202)
		up = at.awaits(p, up.ID, importexport.Ready)
		if trial := up.DryRun; trial == nil || trial.Added != 1 || trial.Changed != 1 || trial.Refused != 1 ||
			trial.Faults[0].Code != "required" || trial.Calls == nil || trial.Calls.Looked != 1 ||
			trial.Calls.Changed != 1 || trial.Calls.Counts[0].New != rules.Red {
			t.Errorf("the dry run: %+v, %+v", trial, trial.Calls)
		}
		if status, answer = p.ask("GET", "/api/v1/companies", ""); strings.Contains(answer, "Delta") {
			t.Errorf("a dry run wrote: %d %s", status, answer)
		}
		status, answer = p.ask("POST", at1+"/run", "")
		p.imported(status, answer, 202)
		up = at.awaits(p, up.ID, importexport.Done)
		if up.Added != 1 || up.Changed != 1 || up.Refused != 1 || !up.CanUndo || up.Share != 1 {
			t.Errorf("done: %+v", up)
		}
		if status, answer = p.ask("GET", at1+"/refused", ""); status != 200 ||
			!strings.Contains(answer, ",required,") {
			t.Errorf("refused: %d %s", status, answer)
		}
		if status, answer = p.ask("POST", at1+"/run", ""); status != 409 {
			t.Errorf("once more: %d %s", status, answer)
		}
		p.token = petrov // an agent sees their own imports only
		if status, answer = p.ask("POST", "/api/v1/check", `{"number":"+74950000021"}`); status != 200 ||
			!strings.Contains(answer, `"red"`) {
			t.Errorf("the number of the file: %d %s", status, answer)
		}
		if status, _ := p.ask("GET", at1, ""); status != 404 {
			t.Errorf("an agent looks at an admin's import: %d", status)
		}
		if status, answer := p.ask("POST", at1+"/undo", ""); status != 404 {
			t.Errorf("an agent undoes an admin's import: %d %s", status, answer)
		}
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "undoer"))
		status, answer = p.ask("POST", at1+"/undo", "")
		p.imported(status, answer, 202)
		if up = at.awaits(p, up.ID, importexport.Undone); up.Undone != 2 || up.Kept != 0 {
			t.Errorf("undone: %+v", up)
		}
		if status, answer = p.ask("GET", "/api/v1/companies", ""); strings.Contains(answer, "Delta") ||
			strings.Contains(answer, "000-00-12") || !strings.Contains(answer, "000-00-11") {
			t.Errorf("after the undo: %d %s", status, answer)
		}
		if out := at.do("import", "list"); !strings.Contains(out, "клиенты.csv") || !strings.Contains(out, "undone") {
			t.Errorf("the command line lists %s", out)
		}
	})
}
