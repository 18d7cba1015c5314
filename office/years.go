package office

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// DataSetParts are the files of a data set, in the order in which people write them. Holidays may be missing.
var DataSetParts = []string{"units", "people", "scheme", "indicators", "holidays"}

// DataSetFile is one file of the data set that an authority is putting together.
type DataSetFile struct {
	Part       string
	File       string
	Content    []byte
	UploadedBy string
	UploadedAt time.Time
}

// Administers tells whether an account may import and start years of its authority.
func (o *Office) Administers(ctx context.Context, account Account) (bool, error) {
	err := o.mayInvite(ctx, &account, account.Authority)
	if store.KindOf(err) == store.Forbidden {
		return false, nil
	}
	return err == nil, err
}

// mayPrepare refuses whoever does not administer his authority's years.
func (o *Office) mayPrepare(ctx context.Context, account Account) error {
	return o.mayInvite(ctx, &account, account.Authority)
}

// KeepFile keeps one file of a data set in place of the one before. A table may be .csv or .xlsx, the scheme is .yaml.
func (o *Office) KeepFile(ctx context.Context, account Account, part, file string, content []byte) error {
	if err := o.mayPrepare(ctx, account); err != nil {
		return err
	}
	if !slices.Contains(DataSetParts, part) {
		return store.Refuse("a data set has no file " + part)
	}
	allowed := []string{".csv", ".xlsx"}
	if part == "scheme" {
		allowed = []string{".yaml", ".yml"}
	}
	if !slices.Contains(allowed, strings.ToLower(path.Ext(file))) {
		return store.Refuse(fmt.Sprintf("%s: want a file that ends in %s", file, strings.Join(allowed, " or ")))
	}
	if len(content) > documents.MaxTable {
		return store.Refuse(fmt.Sprintf("%s is larger than %d MiB", file, documents.MaxTable>>20))
	}
	return o.Store.Transact(ctx, func(queries *query.Queries) error {
		return queries.DataSetFilePut(ctx, query.DataSetFilePutParams{
			Authority: account.Authority, Name: part, File: file, Content: content, UploadedBy: account.Login, UploadedAt: o.Store.Real(),
		})
	})
}

// DropFile forgets one file of a data set.
func (o *Office) DropFile(ctx context.Context, account Account, part string) error {
	if err := o.mayPrepare(ctx, account); err != nil {
		return err
	}
	return o.Store.Transact(ctx, func(queries *query.Queries) error {
		return queries.DataSetFileDrop(ctx, query.DataSetFileDropParams{Authority: account.Authority, Name: part})
	})
}

// KeptFiles are those of the data set that the account's authority is putting together.
func (o *Office) KeptFiles(ctx context.Context, account Account) ([]DataSetFile, error) {
	if err := o.mayPrepare(ctx, account); err != nil {
		return nil, err
	}
	var rows []query.DataSetFile
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		rows, err = queries.DataSetFileList(ctx, query.DataSetFileListParams{Authority: account.Authority})
		return err
	})
	files := make([]DataSetFile, 0, len(rows))
	for _, part := range DataSetParts {
		for _, row := range rows {
			if row.Name == part {
				files = append(files, DataSetFile{Part: part, File: row.File, Content: row.Content, UploadedBy: row.UploadedBy, UploadedAt: row.UploadedAt})
			}
		}
	}
	return files, err
}

// ReadKept reads the kept files as a data set. What is wrong comes as rules.Faults, all at once.
func (o *Office) ReadKept(ctx context.Context, account Account) (documents.DataSet, error) {
	files, err := o.KeptFiles(ctx, account)
	if err != nil {
		return documents.DataSet{}, err
	}
	published, err := o.Store.Holidays(ctx)
	if err != nil {
		return documents.DataSet{}, err
	}
	set, err := documents.ReadDataSet(folder(files), o.Rules, published...)
	if err != nil {
		return set, err
	}
	if code := set.Plan.Scheme.Authority.Code; code != account.Authority {
		return set, rules.Faults{{Path: "scheme.yaml:1: authority.code", Text: fmt.Sprintf("is %s; you prepare the years of %s", code, account.Authority)}}
	}
	return set, nil
}

// folder is the files under the names that a data set has.
func folder(files []DataSetFile) fs.FS {
	made := uploaded{}
	for _, file := range files {
		made[PartFile(file.Part)] = &fstest.MapFile{Data: file.Content}
	}
	return made
}

// uploaded files have the names of their fields. The table of indicators is what was uploaded as that, whatever the scheme
// calls it.
type uploaded fstest.MapFS

func (u uploaded) Open(name string) (fs.File, error) {
	part := strings.TrimSuffix(name, path.Ext(name))
	if path.Ext(name) != ".yaml" && !slices.Contains(DataSetParts, part) {
		name = PartFile("indicators")
	}
	return fstest.MapFS(u).Open(name)
}

// ImportKept imports the kept files as the draft of their year (A8(3)).
func (o *Office) ImportKept(ctx context.Context, account Account) (Cycle, error) {
	set, err := o.ReadKept(ctx, account)
	if err != nil {
		return Cycle{}, err
	}
	return o.Import(ctx, set)
}

// ImportNext drafts the year after the authority's last one, with its scheme, units and people.
func (o *Office) ImportNext(ctx context.Context, account Account) (Cycle, error) {
	if err := o.mayPrepare(ctx, account); err != nil {
		return Cycle{}, err
	}
	last, err := o.Store.CycleLatest(ctx, query.CycleLatestParams{Authority: account.Authority})
	switch {
	case store.IsMissing(err):
		return Cycle{}, store.Refuse("there is no year yet that the next could follow")
	case err != nil:
		return Cycle{}, err
	case last.State == "draft":
		return Cycle{}, store.Refuse(fmt.Sprintf("%s is being prepared already", store.CycleName(last)))
	}
	set, err := o.Store.DataSet(ctx, last)
	if err != nil {
		return Cycle{}, err
	}
	if set, err = store.NextYear(set); err != nil {
		return Cycle{}, err
	}
	return o.Import(ctx, documents.DataSet{Plan: set.Plan, Holidays: set.Holidays})
}

// PartFile is the name under which the files of a data set report their faults.
func PartFile(part string) string {
	if part == "scheme" {
		return "scheme.yaml"
	}
	return part + ".csv"
}
