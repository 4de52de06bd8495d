; The installer for Windows: the desktop program, and if wanted the server beside it. Built by build/scripts/dist.sh, which gives
;   VERSION (x.y.z), FROM (the folder of the programs), TO (the file to write), ROOT (the source's folder).
Unicode true
ManifestDPIAware true
!include "MUI2.nsh"
!include "x64.nsh"

Name "Parley ${VERSION}"
OutFile "${TO}"
InstallDir "$PROGRAMFILES64\Parley"
InstallDirRegKey HKLM "Software\Parley" "Folder"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Parley"
VIAddVersionKey "FileDescription" "Parley, messaging for contact centres"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "The Parley authors, MIT license"

!define MUI_ICON "${ROOT}/build/windows/icon.ico"
!define MUI_UNICON "${ROOT}/build/windows/icon.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\parley.exe"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Parley"

!insertmacro MUI_PAGE_LICENSE "${ROOT}/LICENSE"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString Running ${LANG_ENGLISH} "Parley is running. Close it, then go on."
LangString Running ${LANG_GERMAN} "Parley läuft noch. Schließen Sie es und machen Sie dann weiter."
LangString OldSystem ${LANG_ENGLISH} "Parley needs a 64-bit Windows."
LangString OldSystem ${LANG_GERMAN} "Parley braucht ein 64-Bit-Windows."
LangString Desktop ${LANG_ENGLISH} "The program for people who write and answer."
LangString Desktop ${LANG_GERMAN} "Das Programm für alle, die schreiben und antworten."
LangString Server ${LANG_ENGLISH} "The server, for the one computer that all others connect to, and for trying Parley on this one."
LangString Server ${LANG_GERMAN} "Der Server, für den einen Computer, mit dem sich alle verbinden, und um Parley auf diesem auszuprobieren."

; A program that runs cannot be replaced: its file is opened for writing to find out, since the window may be in the tray.
!macro AwaitEnd UN
Function ${UN}awaitEnd
  again:
  IfFileExists "$INSTDIR\parley.exe" 0 free
  ClearErrors
  FileOpen $0 "$INSTDIR\parley.exe" a
  IfErrors 0 closed
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY again
  Abort
  closed:
  FileClose $0
  free:
FunctionEnd
!macroend
!insertmacro AwaitEnd ""
!insertmacro AwaitEnd "un."

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "$(OldSystem)" /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

Section "Parley" desktop
  SectionIn RO
  Call awaitEnd
  SetShellVarContext all
  SetOutPath "$INSTDIR"
  File "${FROM}/parley.exe"
  File "${ROOT}/LICENSE"
  File "${ROOT}/README.md"
  CreateShortcut "$SMPROGRAMS\Parley.lnk" "$INSTDIR\parley.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "Software\Parley" "Folder" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "Parley"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" "Publisher" "The Parley authors"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayIcon" "$INSTDIR\parley.exe"
  WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKLM "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Parley server" server
  SetOutPath "$INSTDIR"
  File "${FROM}/parley-server.exe"
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${desktop} "$(Desktop)"
  !insertmacro MUI_DESCRIPTION_TEXT ${server} "$(Server)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; What people wrote lies in their own folders and the server's, and stays.
Section "Uninstall"
  Call un.awaitEnd
  SetShellVarContext all
  Delete "$SMPROGRAMS\Parley.lnk"
  Delete "$INSTDIR\parley.exe"
  Delete "$INSTDIR\parley-server.exe"
  Delete "$INSTDIR\LICENSE"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL}"
  DeleteRegKey HKLM "Software\Parley"
SectionEnd
