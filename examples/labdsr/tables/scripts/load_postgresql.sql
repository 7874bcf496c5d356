-- Loads the tables into PostgreSQL, by psql, in the folder of this file:
--
--   psql -d DATABASE -f load_postgresql.sql
--
-- All of it is one transaction. Rows of machines and disks that are there already are
-- replaced by their key, and those that are not loaded stay. The months of each lab that
-- is loaded are replaced as a whole. A second run changes nothing.
{{range .}}--
-- {{.Name}}
{{range .Metadata}}--   {{.}}
{{end}}{{end}}
\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = 'warning';
{{range .}}
CREATE TABLE IF NOT EXISTS {{id .Name}} (
{{- range .Columns}}
    {{id .Name}} {{.PostgreSQL}}{{if not .Null}} NOT NULL{{end}},
{{- end}}
    PRIMARY KEY ({{range $i, $c := .Keys}}{{if $i}}, {{end}}{{id .Name}}{{end}})
);
{{- $table := .Name}}{{range .Columns}}
COMMENT ON COLUMN {{id $table}}.{{id .Name}} IS {{literal .Description}};
{{- end}}
CREATE TEMPORARY TABLE {{id .New}} (LIKE {{id .Name}}) ON COMMIT DROP;
\copy {{id .New}} ({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id .Name}}{{end}}) FROM '{{.Name}}.csv' WITH (FORMAT csv, HEADER true)
{{end}}
{{- range .}}
{{- if .IsMonths}}
DELETE FROM {{id .Name}} AS old
WHERE old."LabUId" IN (SELECT "LabUId" FROM {{id .New}}{{if .Machines}} UNION SELECT coalesce("LabUId", '') FROM "machines_new"{{end}})
  AND NOT EXISTS (SELECT FROM {{id .New}} AS new WHERE {{range $i, $c := .Keys}}{{if $i}} AND {{end}}new.{{id .Name}} = old.{{id .Name}}{{end}});
{{- end}}
INSERT INTO {{id .Name}} AS old ({{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id .Name}}{{end}})
SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{id .Name}}{{end}} FROM {{id .New}}
ON CONFLICT ({{range $i, $c := .Keys}}{{if $i}}, {{end}}{{id .Name}}{{end}}) DO UPDATE SET
{{- range $i, $c := .Values}}{{if $i}},{{end}}
    {{id .Name}} = excluded.{{id .Name}}
{{- end}}
WHERE ({{range $i, $c := .Values}}{{if $i}}, {{end}}old.{{id .Name}}{{end}})
    IS DISTINCT FROM ({{range $i, $c := .Values}}{{if $i}}, {{end}}excluded.{{id .Name}}{{end}});
-- Rows of personal data that are not loaded again are still there, and the table still says so.
DO $labdsr$ BEGIN
    IF coalesce(obj_description({{literal (id .Name)}}::regclass), '') NOT LIKE '%personal-data: yes%'
        OR NOT EXISTS (SELECT FROM {{id .Name}} AS old WHERE NOT EXISTS (SELECT FROM {{id .New}} AS new WHERE {{range $i, $c := .Keys}}{{if $i}} AND {{end}}new.{{id .Name}} = old.{{id .Name}}{{end}}))
    THEN
        COMMENT ON TABLE {{id .Name}} IS {{literal .About}};
    END IF;
END $labdsr$;
{{end}}
SELECT
{{- range $i, $t := .}}{{if $i}},{{end}}
    (SELECT count(*) FROM {{id .New}}) AS {{id .Name}}
{{- end}};
COMMIT;
