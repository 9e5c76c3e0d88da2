package crm

import (
	"context"
	"strings"
	"time"

	"callhue/internal/store"
)

const (
	backlogAtOnce = 200              // records of one transaction
	backlogRun    = 40 * time.Second // of one turn of the tick
)

// IndexBacklog adds to the search index what was stored before there was one, in small transactions with a pause after
// each: a call that is written meanwhile waits for one of them at most. It goes on where the last run has ended.
func (b *Records) IndexBacklog(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < backlogRun; {
		rows, err := searchBacklog(b.db.Read(ctx))
		if err != nil || len(rows) == 0 {
			return err
		}
		start := time.Now()
		if err := b.indexNext(ctx, rows[0]); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Since(start)):
		}
	}
	return nil
}

// indexNext indexes the next records of a kind.
func (b *Records) indexNext(ctx context.Context, row backlogRow) error {
	ids, err := idsBetween(b.db.Read(ctx), row, backlogAtOnce)
	if err != nil {
		return err
	}
	to := row.Last
	if len(ids) == backlogAtOnce {
		to = ids[len(ids)-1]
	}
	return b.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := lock(tx, row.Kind, ids...); err != nil {
			return err
		}
		if err := indexOld(tx, row.Kind, ids); err != nil {
			return err
		}
		return advanceBacklog(tx, row, to)
	})
}

// indexOld rewrites the search text of records that the transaction holds and adds its rows, unless a write has done
// both since.
func indexOld(tx *store.Tx, kind Kind, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	lines, emails, err := contactData(tx, kind, ids)
	if err != nil {
		return err
	}
	var old []int64
	var texts []string
	add := func(r base, names ...string) {
		if !strings.HasPrefix(r.Search, " ") {
			old, texts = append(old, r.ID), append(texts, searchText(names, lines[r.ID], emails[r.ID]))
		}
	}
	switch kind {
	case KindCompany:
		rows, err := companyRows(tx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			add(r.base, r.Name)
		}
	case KindContact:
		rows, err := contactRows(tx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			add(r.base, r.Name, r.Post)
		}
	default:
		rows, err := leadRows(tx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			add(r.base, r.Title, r.Name)
		}
	}
	for i, id := range old {
		if err := storeSearchText(tx, kind, id, texts[i]); err != nil {
			return err
		}
	}
	return addSearch(tx, kind, old, func(i int) string { return texts[i] })
}

// contactData returns the phones and the e-mails of records.
func contactData(tx *store.Tx, kind Kind, ids []int64) (map[int64][]phoneLine, map[int64][]string, error) {
	lines, emails := map[int64][]phoneLine{}, map[int64][]string{}
	phones, err := phonesOf(tx, kind, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range phones {
		lines[p.Entity] = append(lines[p.Entity], p.phoneLine)
	}
	mail, err := emailsOf(tx, kind, ids)
	for _, e := range mail {
		emails[e.Entity] = append(emails[e.Entity], e.Address)
	}
	return lines, emails, err
}
