package inputs

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	dayFirst   = regexp.MustCompile(`^(\d{1,2})-(\d{1,2})-(\d{4})$`)
	wholeGUID  = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	fullExport = "full"
)

// exportInstant returns when an export was made. The folder of its files says it in the
// layout of the lab service, {lab}/{LabUId}/{end date}/full or
// {lab}/{LabUId}/{end date}/{start date}, whose dates have the day first. It is the end
// of the end date, so that no export seems older than it is. For any other folder it is
// the zero time.
func exportInstant(dir string, zone *time.Location) time.Time {
	parts := strings.Split(filepath.ToSlash(dir), "/")
	n := len(parts)
	if n < 3 || !wholeGUID.MatchString(parts[n-3]) {
		return time.Time{}
	}
	if _, isDay := parseDayFirst(parts[n-1], zone); !isDay && !strings.EqualFold(parts[n-1], fullExport) {
		return time.Time{}
	}
	end, isDay := parseDayFirst(parts[n-2], zone)
	if !isDay {
		return time.Time{}
	}
	return end.AddDate(0, 0, 1)
}

func parseDayFirst(text string, zone *time.Location) (time.Time, bool) {
	m := dayFirst.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	day, _ := strconv.Atoi(m[1]) // digits
	month, _ := strconv.Atoi(m[2])
	year, _ := strconv.Atoi(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, zone)
	return t, t.Day() == day && int(t.Month()) == month
}
