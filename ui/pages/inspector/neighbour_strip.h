// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/state/app_state.h"

#include <functional>
#include <optional>
#include <vector>

namespace diptych::ui {

class SamplePicture;

/// The pictures before and after the one shown, in the list it was picked from; a click goes there.
class NeighbourStrip : public QWidget {
    Q_OBJECT
public:
    /// @param run whose results are looked at
    NeighbourStrip(const PageContext& context, std::function<RunId()> run, QWidget* parent = nullptr);
    /// @param list null = there is none, and nothing is shown
    /// @param position which one of the list is open, if one is @param around what stands in the middle
    void show(SampleList list, std::optional<size_t> position, size_t around);

Q_SIGNALS:
    void chosen(diptych::SampleId sample);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fill();

    PageContext m_context;
    SampleList m_list;
    std::optional<size_t> m_position;
    size_t m_around = 0;
    std::vector<SamplePicture*> m_pictures;
};

} // namespace diptych::ui
