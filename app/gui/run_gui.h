// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Opens the window and runs it until it is closed. Options: --workspace FOLDER, --page ID, --theme
/// light|dark|system, --settings FILE, and Qt's own.
/// @return the program's exit status
int runGui(int argc, char** argv);
