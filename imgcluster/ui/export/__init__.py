"""The screen Export: tables, folders, a ZIP file, a report, contact sheets, a project, a model, a script."""
