-- Loads the tables into SQL Server 2017 or later, by sqlcmd. The server itself reads the
-- files, so that the folder is one that it can read:
--
--   sqlcmd -S SERVER -d DATABASE -b -v folder="C:\tables" -i load_sqlserver.sql
--
-- If there is an apostrophe in the name of the folder, write two.
--
-- All of it is one transaction. Rows of machines and disks that are there already are
-- replaced by their key, and those that are not loaded stay. The months of each lab that
-- is loaded are replaced as a whole. A second run changes nothing. What the tables are is
-- in their extended property labdsr.
--
-- This script was checked by a parser of T-SQL. It was not run on a SQL Server.
{{range .}}--
-- {{.Name}}
{{range .Metadata}}--   {{.}}
{{end}}{{end}}
SET NOCOUNT ON;
SET XACT_ABORT ON;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
BEGIN TRANSACTION;
{{range .}}
IF OBJECT_ID(N'{{.Name}}', N'U') IS NULL
    CREATE TABLE {{bracket .Name}} (
{{- range .Columns}}
        {{bracket .Name}} {{.SQLServer}}{{if .Null}} NULL{{else}} NOT NULL{{end}},{{with .Description}} -- {{.}}{{end}}
{{- end}}
        PRIMARY KEY ({{range $i, $c := .Keys}}{{if $i}}, {{end}}{{bracket .Name}}{{end}})
    );
DROP TABLE IF EXISTS {{bracket .Staging}};
CREATE TABLE {{bracket .Staging}} (
{{- $all := .Columns}}{{range $i, $c := .Columns}}
    {{bracket .Name}} {{.SQLServer}} NULL{{if not (last $i $all)}},{{end}}
{{- end}}
);
BULK INSERT {{bracket .Staging}} FROM '$(folder)\{{.Name}}.csv' WITH (
    FORMAT = 'CSV', FIRSTROW = 2, CODEPAGE = '65001', ROWTERMINATOR = '0x0a', KEEPNULLS, MAXERRORS = 0, TABLOCK
);
{{end}}
{{- range .}}
{{- if .IsMonths}}
-- An empty text may be read as no text.
UPDATE {{bracket .Staging}} SET
{{- $first := true}}{{range .Keys}}{{if .IsText}}{{if not $first}},{{end}}{{$first = false}}
    {{bracket .Name}} = COALESCE({{bracket .Name}}, N'')
{{- end}}{{end}};
DELETE old FROM {{bracket .Name}} AS old
WHERE old.[LabUId] IN (SELECT [LabUId] FROM {{bracket .Staging}}{{if .Machines}} UNION SELECT COALESCE([LabUId], N'') FROM [#machines_new]{{end}})
    AND NOT EXISTS (SELECT 1 FROM {{bracket .Staging}} AS new WHERE {{range $i, $c := .Keys}}{{if $i}} AND {{end}}new.{{bracket .Name}} = old.{{bracket .Name}}{{end}});
{{- end}}
MERGE {{bracket .Name}} AS old
USING {{bracket .Staging}} AS new
ON {{range $i, $c := .Keys}}{{if $i}} AND {{end}}old.{{bracket .Name}} = new.{{bracket .Name}}{{end}}
WHEN MATCHED THEN UPDATE SET
{{- range $i, $c := .Values}}{{if $i}},{{end}}
    {{bracket .Name}} = new.{{bracket .Name}}
{{- end}}
WHEN NOT MATCHED BY TARGET THEN INSERT (
    {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{bracket .Name}}{{end}}
) VALUES (
    {{range $i, $c := .Columns}}{{if $i}}, {{end}}new.{{bracket .Name}}{{end}}
);
-- What the table says of itself. Rows of personal data that are not loaded again are still there,
-- and then it still says so.
DECLARE @{{.Name}}_schema sysname = OBJECT_SCHEMA_NAME(OBJECT_ID(N'{{.Name}}', N'U'));
DECLARE @{{.Name}}_about nvarchar(3500) = N{{literal .AboutInALine}};
DECLARE @{{.Name}}_before nvarchar(3500) = (
    SELECT CAST(value AS nvarchar(3500)) FROM sys.extended_properties
    WHERE class = 1 AND major_id = OBJECT_ID(N'{{.Name}}', N'U') AND minor_id = 0 AND name = N'labdsr'
);
IF @{{.Name}}_before IS NULL
    EXEC sys.sp_addextendedproperty @name = N'labdsr', @value = @{{.Name}}_about,
        @level0type = N'SCHEMA', @level0name = @{{.Name}}_schema, @level1type = N'TABLE', @level1name = N'{{.Name}}';
ELSE IF @{{.Name}}_before NOT LIKE N'%personal-data: yes%'
    OR NOT EXISTS (SELECT 1 FROM {{bracket .Name}} AS old WHERE NOT EXISTS (SELECT 1 FROM {{bracket .Staging}} AS new WHERE {{range $i, $c := .Keys}}{{if $i}} AND {{end}}new.{{bracket .Name}} = old.{{bracket .Name}}{{end}}))
    EXEC sys.sp_updateextendedproperty @name = N'labdsr', @value = @{{.Name}}_about,
        @level0type = N'SCHEMA', @level0name = @{{.Name}}_schema, @level1type = N'TABLE', @level1name = N'{{.Name}}';
{{end}}
{{- range .}}
DROP TABLE {{bracket .Staging}};
{{- end}}
COMMIT TRANSACTION;
