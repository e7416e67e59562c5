// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/correction_history.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/state/sample_edits.h"
#include "ui/theme/theme.h"
#include "ui/widgets/sample_actions.h"

#include <algorithm>

namespace diptych::ui {

namespace {

constexpr size_t kShown = 5;

QString nameOf(const std::string& name) {
    return name.empty() ? CorrectionHistory::tr("no class") : toQString(name).toHtmlEscaped();
}

} // namespace

CorrectionHistory::CorrectionHistory(const PageContext& context, QWidget* parent)
    : QLabel(parent), m_context(context), m_loading(context.jobs, this) {
    setObjectName(QStringLiteral("correctionHistory"));
    setWordWrap(true);
    setTextFormat(Qt::RichText);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::LinksAccessibleByMouse |
                            Qt::LinksAccessibleByKeyboard);
    hide();
    connect(this, &QLabel::linkActivated, this, [this] {
        if (!m_found.corrections.empty())
            m_context.actions.edits().takeBackCorrection(m_found.corrections.back());
    });
    if (theme::notifier())
        connect(theme::notifier(), &theme::Notifier::changed, this, &CorrectionHistory::fill);
}

void CorrectionHistory::show(const Sample& sample) {
    if (sample.id != m_sample) { // a reload of the same one leaves it in sight
        m_found = {};
        fill();
    }
    m_sample = sample.id;
    const auto session = m_context.state.session();
    if (!session)
        return;
    m_loading.start(
        JobSpec(tr("Load corrections")).setShown(false),
        [session, id = sample.id, dataset = sample.dataset, label = sample.label](const RunContext&) {
            Workspace& workspace = session->workspace();
            Found found;
            for (LabelCorrection& correction : workspace.labelCorrections(dataset))
                if (correction.sample == id)
                    found.corrections.push_back(std::move(correction));
            if (found.corrections.empty())
                return found;
            const std::vector<std::string> names = workspace.classNames(dataset);
            if (label >= 0 && static_cast<size_t>(label) < names.size())
                found.imported = toQString(names[static_cast<size_t>(label)]);
            const std::string& now = found.corrections.back().to;
            found.counts = now.empty() || std::ranges::find(names, now) != names.end();
            return found;
        },
        [this](Found found) {
            m_found = std::move(found);
            fill();
        });
}

void CorrectionHistory::fill() {
    const std::vector<LabelCorrection>& all = m_found.corrections;
    setVisible(!all.empty());
    if (all.empty()) {
        clear();
        return;
    }
    QStringList lines{(m_found.counts ? tr("Corrected to <b>%1</b>, imported as %2")
                                      : tr("Corrected to <b>%1</b>, which is no class any more: %2 counts"))
                          .arg(nameOf(all.back().to), nameOf(m_found.imported.toStdString()))};
    const size_t first = all.size() > kShown ? all.size() - kShown : 0;
    for (size_t i = all.size(); i-- > first;) {
        const LabelCorrection& one = all[i];
        QString line = tr("%1: %2 → %3").arg(timeText(one.correctedAt), nameOf(one.from), nameOf(one.to));
        if (!one.note.empty())
            line += tr(" (%1)").arg(toQString(one.note).toHtmlEscaped());
        if (i + 1 == all.size() && !m_context.state.readOnly())
            line += QStringLiteral(" &nbsp;<a href=\"back\" style=\"color:%1\">%2</a>")
                        .arg(theme::colors().accent.name(), tr("Take back"));
        lines << line;
    }
    if (first > 0)
        lines << tr("and %1 before").arg(first);
    setText(lines.join(QStringLiteral("<br>")));
}

} // namespace diptych::ui
