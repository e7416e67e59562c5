// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands/commands.h"
#include "core/session/session.h"

#ifdef DIPTYCH_WITH_WINDOW
#include "app/gui/run_gui.h"

#include <string_view>
#endif

int main(int argc, char** argv) {
#ifdef DIPTYCH_WITH_WINDOW
    constexpr bool kHasWindow = true;
    // "diptych gui ..." is for the window's own options, such as Qt's -platform.
    if (argc > 1 && std::string_view(argv[1]) == "gui") {
        for (int i = 1; i < argc; ++i)
            argv[i] = argv[i + 1];
        return runGui(argc - 1, argv);
    }
    if (argc <= 1)
        return runGui(argc, argv);
#else
    constexpr bool kHasWindow = false;
#endif
    return diptych::cli::runCommandLine(argc, argv, diptych::cli::commandTable(), diptych::programVersion(),
                                        kHasWindow);
}
