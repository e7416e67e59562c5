// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_processor.h"

#include <QComboBox>

namespace diptych::ui {

/// What a model sees of transparent pictures, in the same words wherever a model is chosen.
class AlphaChoice : public QComboBox {
    Q_OBJECT
public:
    explicit AlphaChoice(QWidget* parent = nullptr);
    Alpha alpha() const;
    void setAlpha(Alpha alpha);
};

} // namespace diptych::ui
