// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/where_curves.h"

#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/plots/curve_plot.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QVBoxLayout>

namespace diptych::ui {
namespace {

constexpr int kSteps = 20, kWidth = 520, kHeight = 420;

CurveSeries seriesOf(const QString& name, const CoverCurve& curve) {
    CurveSeries series;
    series.name = name;
    const auto last = static_cast<double>(curve.cosines.size() - 1);
    for (size_t i = 0; i < curve.cosines.size(); ++i)
        series.points.emplace_back(static_cast<double>(i) / last, static_cast<double>(curve.cosines[i]));
    return series;
}

} // namespace

WhereCurves::WhereCurves(const PageContext& context, ExplainQuery query, QWidget* parent)
    : QDialog(parent), m_computing(context.jobs, this), m_plot(new CurvePlot), m_note(new QLabel) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Deletion and insertion by %1")
                       .arg(asContinuation(QString::fromUtf8(explainMethod(query.options.method).title))));
    resize(kWidth, kHeight);
    m_note->setObjectName(QStringLiteral("curvesNote"));
    m_note->setWordWrap(true);
    m_note->setText(tr("Covering more and more of the picture…"));
    theme::style(m_note, theme::Text::Caption);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_plot, 1);
    layout->addWidget(m_note);
    layout->addWidget(buttons);
    query.curveSteps = kSteps;
    m_computing.start(
        JobSpec(tr("Deletion and insertion")),
        [session = context.state.session(), query = std::move(query)](const RunContext& run) {
            return session->explain(query, run);
        },
        [this](const Explanation& found) { take(found); },
        [this](const Error& error) { m_note->setText(QString::fromUtf8(error.what())); });
}

void WhereCurves::take(const Explanation& found) {
    if (found.answer != Answer::Ready) {
        m_note->setText(tr("The model is busy with a run; close this and try again when it is free."));
        return;
    }
    const CoverCurves& curves = *found.curves;
    m_plot->setChart(
        {{},
         tr("Share of the patches covered or shown, the most relevant first"),
         tr("Cosine with the text"),
         false,
         {seriesOf(tr("Deletion"), curves.deletion), seriesOf(tr("Insertion"), curves.insertion)}});
    m_note->setText(
        tr("Area under deletion %1 (a small one is good), under insertion %2 (a large one is good). A "
           "covered picture is like none the model has seen.")
            .arg(cosineText(curves.deletion.area()), cosineText(curves.insertion.area())));
}

} // namespace diptych::ui
