@echo off
rem Starts imgcluster on Windows by double click.
rem The first run makes a virtual environment beside this file and installs what the program needs.
setlocal
cd /d "%~dp0"

if exist ".venv\Scripts\python.exe" goto installed
set "PYTHON="
for %%V in (3.13 3.12 3.11) do if not defined PYTHON (
    py -%%V --version >nul 2>&1 && set "PYTHON=py -%%V"
)
if not defined PYTHON (
    python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >nul 2>&1 && set "PYTHON=python"
)
if not defined PYTHON (
    echo Python 3.11, 3.12 or 3.13 was not found. Install it from https://www.python.org/downloads/ and start again.
    goto failed
)
echo First start: making a virtual environment in .venv ...
%PYTHON% -m venv .venv || goto failed

:installed
rem Installed before with these very requirements? Then start at once, without the network.
fc /b requirements.txt ".venv\installed-requirements.txt" >nul 2>&1 && goto start
echo Installing what imgcluster needs (about 2 GB on disk, a few minutes, only now) ...
".venv\Scripts\python.exe" -m pip install --disable-pip-version-check -r requirements.txt || (
    echo The installation did not finish. Check the network and start again: it goes on from there.
    goto failed
)
copy /y requirements.txt ".venv\installed-requirements.txt" >nul

:start
".venv\Scripts\python.exe" -m streamlit run app.py --server.address 127.0.0.1 %*
if not errorlevel 1 exit /b 0

:failed
pause
exit /b 1
