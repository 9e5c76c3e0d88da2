package crmsync

import (
	"context"
	"encoding/json"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/staff"
)

// syncDepartments imports the tree and returns our id of each department. One that was removed in the CRM
// stays: people of ours may be in it.
func (w *work) syncDepartments(ctx context.Context, list []Department) (map[string]int64, error) {
	links, err := allLinks(w.DB.Read(ctx), w.source.ID, kindDepartment)
	if err != nil {
		return nil, err
	}
	departmentIDs := map[string]int64{}
	for _, d := range parentsFirst(list) {
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == d.ID })
		var link *linkRow
		if at >= 0 {
			link = &links[at]
		}
		id, err := w.syncDepartment(ctx, d, link, links, departmentIDs)
		if fatal := w.ignoreRefusal(err, "department", d.ID); fatal != nil {
			return nil, fatal
		}
		if id != 0 {
			departmentIDs[d.ID] = id
		}
	}
	return departmentIDs, nil
}

// parentsFirst sorts parents before their children. A parent that is missing or in a circle counts as none.
func parentsFirst(list []Department) (tree []Department) {
	byID := map[string]Department{}
	for _, d := range list {
		if d.ID != "" && len(d.ID) <= longestID {
			byID[d.ID] = d
		}
	}
	const entered, done = 1, 2
	state := map[string]int{}
	var visit func(id string) bool
	visit = func(id string) bool {
		d, known := byID[id]
		if !known || state[id] == entered {
			return false
		}
		if state[id] == done {
			return true
		}
		state[id] = entered
		if !visit(d.ParentID) {
			d.ParentID = ""
		}
		state[id] = done
		tree = append(tree, d)
		return true
	}
	for _, d := range list {
		visit(d.ID)
	}
	return tree
}

// syncDepartment imports one department and returns its id here.
func (w *work) syncDepartment(
	ctx context.Context,
	d Department,
	link *linkRow,
	links []linkRow,
	departmentIDs map[string]int64,
) (int64, error) {
	org, err := w.Roster.Org(ctx)
	if err != nil {
		return 0, err
	}
	d.Name = truncate(text.Tidy(d.Name), 200)
	if d.Name == "" {
		d.Name = "#" + d.ID
	}
	var ours *staff.Department
	previous := Department{}
	if link != nil {
		if err := json.Unmarshal([]byte(link.Snapshot), &previous); err != nil {
			return 0, fault.Internal(err)
		}
		ours = org.Department(link.OurID)
	}
	linked := ours != nil
	if !linked {
		if ours, err = w.findOrAddDepartment(ctx, org, d, links, departmentIDs[d.ParentID]); err != nil {
			return 0, err
		}
	}
	in := staff.DepartmentChange{Version: ours.Version}
	if linked && previous.Name != d.Name && ours.Name != d.Name {
		in.Name = &d.Name
	}
	if parent := departmentIDs[d.ParentID]; linked && previous.ParentID != d.ParentID && ours.ParentID != parent {
		in.ParentID = &parent
	}
	if in.Name != nil || in.ParentID != nil {
		if _, err := w.Roster.ChangeDepartment(ctx, access.System(), ours.ID, in); err != nil {
			return ours.ID, err
		}
	}
	d.HeadID = previous.HeadID // set by syncHeads once the users are imported
	return ours.ID, w.saveDepartment(ctx, d, link, ours.ID)
}

// findOrAddDepartment returns our department with the same name and parent, or adds one.
func (w *work) findOrAddDepartment(
	ctx context.Context,
	org *staff.Org,
	d Department,
	links []linkRow,
	parent int64,
) (*staff.Department, error) {
	for _, ours := range org.Departments() {
		taken := slices.ContainsFunc(links, func(l linkRow) bool { return l.OurID == ours.ID })
		if !taken && store.Fold(ours.Name) == store.Fold(d.Name) && (ours.ParentID == parent || parent == 0) {
			return ours, nil
		}
	}
	return w.Roster.AddDepartment(ctx, access.System(), staff.NewDepartment{Name: d.Name, ParentID: parent})
}

func (w *work) saveDepartment(ctx context.Context, d Department, link *linkRow, ours int64) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	row := linkRow{Kind: int64(kindDepartment), TheirID: d.ID, OurID: ours, Snapshot: string(text), Mark: w.full.Number}
	if link != nil && link.Snapshot == row.Snapshot && link.OurID == ours {
		return nil
	}
	return w.DB.Write(ctx, func(tx *store.Tx) error {
		if err := putLink(tx, w.source.ID, row); err != nil {
			return err
		}
		return w.save(tx)
	})
}

// syncHeads sets the heads that changed in the CRM. A head who is unknown here or inactive is tried again
// next time.
func (w *work) syncHeads(ctx context.Context, list []Department, departmentIDs map[string]int64) error {
	links, err := allLinks(w.DB.Read(ctx), w.source.ID, kindDepartment)
	if err != nil {
		return err
	}
	for _, d := range list {
		at := slices.IndexFunc(links, func(l linkRow) bool { return l.TheirID == d.ID })
		if at < 0 || departmentIDs[d.ID] == 0 {
			continue
		}
		var previous Department
		if err := json.Unmarshal([]byte(links[at].Snapshot), &previous); err != nil {
			return fault.Internal(err)
		}
		if previous.HeadID == d.HeadID {
			continue
		}
		set, err := w.setHead(ctx, departmentIDs[d.ID], d.HeadID)
		if fatal := w.ignoreRefusal(err, "head", d.ID); fatal != nil {
			return fatal
		}
		if !set || err != nil {
			continue
		}
		previous.HeadID = d.HeadID
		if err := w.saveDepartment(ctx, previous, &links[at], departmentIDs[d.ID]); err != nil {
			return err
		}
	}
	return nil
}

// setHead sets the head of one of our departments; set is false if that user is unknown here.
func (w *work) setHead(ctx context.Context, department int64, headID string) (set bool, err error) {
	org, err := w.Roster.Org(ctx)
	if err != nil {
		return false, err
	}
	head := int64(0)
	if headID != "" {
		u := org.Holder(w.source.Name, headID)
		if u == nil || !u.Active {
			return false, nil
		}
		head = u.ID
	}
	d := org.Department(department)
	if d == nil || d.HeadID == head {
		return true, nil
	}
	_, err = w.Roster.ChangeDepartment(ctx, access.System(), department,
		staff.DepartmentChange{Version: d.Version, HeadID: &head})
	return err == nil, err
}
