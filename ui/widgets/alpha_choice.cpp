// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/alpha_choice.h"

namespace diptych::ui {

AlphaChoice::AlphaChoice(QWidget* parent) : QComboBox(parent) {
    setAccessibleName(tr("Transparency"));
    setToolTip(
        tr("What the model sees of transparent pictures. Dropped: the colours stored under the "
           "transparency, as OpenAI's and OpenCLIP's code. Over white: blended onto white, as "
           "transformers from 5.24 on. Opaque pictures are the same either way; what is encoded is kept "
           "for each choice apart."));
    addItem(tr("Dropped"), static_cast<int>(Alpha::Drop));
    addItem(tr("Over white"), static_cast<int>(Alpha::White));
}

Alpha AlphaChoice::alpha() const {
    return static_cast<Alpha>(currentData().toInt());
}

void AlphaChoice::setAlpha(Alpha alpha) {
    setCurrentIndex(findData(static_cast<int>(alpha)));
}

} // namespace diptych::ui
