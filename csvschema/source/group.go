package source

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A File is a file of an export.
type File struct {
	csvschema.FileID        // its numbers in the exports
	Path             string // in its file system, with slashes
	Source           csvschema.Source
}

// Group makes exports of files whose Path, Role and Source are set, and sets their
// numbers. The files of a folder are those of one export; an empty path is that of a file
// in the root. Uploads of several exports have no folder: give those of each export a path
// in one of their own, or their machines are judged as those of one export. Exports are in
// the order of their first files, those with virtual machines before those without. Disks
// in a folder without virtual machines belong to the only export that has virtual machines;
// if there are several, they are an export of their own.
//
// An export was made at the end of the last day that its folder names, in the layout of
// the lab service: {lab}/{LabUId}/{last day}/full or {lab}/{LabUId}/{last day}/{first
// day}, such as 26-6-2019 with the day first. In any other folder Made is zero. The days
// are those of the zone; nil means UTC.
func Group(files []File, zone *time.Location) []csvschema.Export {
	machines := map[string]bool{} // folders that have them
	for _, file := range files {
		if file.Role == csvschema.VirtualMachines {
			machines[file.folder()] = true
		}
	}
	var exports []csvschema.Export
	numbers := map[string]int{} // of the exports, by folder
	for _, withMachines := range []bool{true, false} {
		for i := range files {
			file := &files[i]
			folder := file.folder()
			if machines[folder] != withMachines {
				continue
			}
			if !withMachines && len(machines) == 1 {
				numbers[folder] = 1
			} else if numbers[folder] == 0 {
				exports = append(exports, csvschema.Export{Made: madeAt(folder, zone)})
				numbers[folder] = len(exports)
			}
			file.Export = numbers[folder]
			export := &exports[file.Export-1]
			sources := &export.VirtualMachines
			if file.Role == csvschema.Disks {
				sources = &export.Disks
			}
			*sources = append(*sources, file.Source)
			file.File = len(*sources)
		}
	}
	return exports
}

// folder is what the files of one export have in common.
func (f *File) folder() string { return path.Dir(f.Path) }

var (
	dayFirst   = regexp.MustCompile(`^(\d{1,2})-(\d{1,2})-(\d{4})$`)
	wholeGUID  = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	fullExport = "full"
)

// madeAt returns when the export in a folder was made, or the zero time. It is the end of
// the last day, so that no export seems older than it is.
func madeAt(folder string, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	parts := strings.Split(folder, "/")
	n := len(parts)
	if n < 3 || !wholeGUID.MatchString(parts[n-3]) {
		return time.Time{}
	}
	if _, isDay := parseDayFirst(parts[n-1]); !isDay && !strings.EqualFold(parts[n-1], fullExport) {
		return time.Time{}
	}
	last, isDay := parseDayFirst(parts[n-2])
	if !isDay {
		return time.Time{}
	}
	next := last.AddDate(0, 0, 1)
	end := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, zone)
	if end.Day() != next.Day() {
		end = end.Add(time.Hour) // summer time begins at midnight: the next day begins at one
	}
	return end
}

// parseDayFirst returns the beginning of a day in UTC.
func parseDayFirst(text string) (time.Time, bool) {
	m := dayFirst.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	day, _ := strconv.Atoi(m[1]) // digits
	month, _ := strconv.Atoi(m[2])
	year, _ := strconv.Atoi(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, int(t.Month()) == month // a day too many is one of another month
}
