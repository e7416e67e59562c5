// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/text_score.h"

#include "core/session/session.h"
#include "core/session/text_neighbours.h"
#include "ui/models/formatting.h"
#include "ui/state/app_state.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace diptych::ui {

namespace {

constexpr int kTypingMs = 120;

struct Scored {
    Answer answer = Answer::Ready;
    TextScore score;
    QString model;
};

QString scoreText(const Scored& scored) {
    if (scored.answer == Answer::Busy)
        return TextScoreField::tr("The model is busy with a run; the score follows when it is free.");
    if (scored.answer == Answer::NotEncoded)
        return TextScoreField::tr("The images of this dataset have not been encoded with %1 yet: encode them "
                                  "below, on Neighbours.")
            .arg(scored.model);
    const QString cosine = cosineText(scored.score.cosine);
    if (std::isnan(scored.score.percentile))
        return TextScoreField::tr("Cosine %1 with %2").arg(cosine, scored.model);
    return TextScoreField::tr("Cosine %1 with %2: above %3 of the other images, rank %4 of %5")
        .arg(cosine, scored.model, shareText(scored.score.percentile / 100),
             exactCountText(static_cast<long long>(scored.score.rank)),
             exactCountText(static_cast<long long>(scored.score.count)));
}

} // namespace

TextScoreField::TextScoreField(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_scoring(context.jobs, this),
      m_line(new QHBoxLayout),
      m_text(new QLineEdit(this)),
      m_score(new QLabel(this)) {
    m_text->setObjectName(QStringLiteral("scoreText"));
    m_text->setPlaceholderText(tr("Score a text with this image"));
    m_text->setAccessibleName(m_text->placeholderText());
    m_text->setClearButtonEnabled(true);
    m_score->setObjectName(QStringLiteral("textScore"));
    m_score->setWordWrap(true);
    m_score->setTextFormat(Qt::PlainText);
    m_score->setTextInteractionFlags(Qt::TextSelectableByMouse);
    theme::style(m_score, theme::Text::Caption);
    m_score->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(theme::kTiny);
    m_line->setSpacing(theme::kTiny);
    m_line->addWidget(m_text, 1);
    layout->addLayout(m_line);
    layout->addWidget(m_score);
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &TextScoreField::score);
    connect(m_text, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
    connect(&context.jobs, &JobRunner::event, this, [this](const JobEvent& event) {
        if (m_waitsForModel && event.lane == JobLane::Model && event.state != JobState::Queued &&
            event.state != JobState::Running)
            score();
    });
}

void TextScoreField::addButton(QToolButton* button) {
    m_line->addWidget(button);
    setTabOrder(m_text, button);
}

void TextScoreField::show(const Inspected& inspected) {
    if (inspected == m_inspected)
        return;
    m_inspected = inspected;
    score();
}

void TextScoreField::score() {
    m_typing.stop();
    const auto session = m_context.state.session();
    const QString text = m_text->text().trimmed();
    Q_EMIT textSettled(text);
    m_waitsForModel = false;
    if (!session || !m_inspected.sample || text.isEmpty()) {
        m_scoring.cancel();
        m_score->hide();
        return;
    }
    m_scoring.start(
        JobSpec(tr("Score a text")).setShown(false),
        [session, inspected = m_inspected, text = text.toStdString()](const RunContext& context) {
            SearchQuery query;
            query.dataset = inspected.datasetName;
            query.model = lookingModel(session->workspace(), inspected).name;
            query.terms = {{.text = text}};
            query.method = SearchMethod::Exact; // no image may be left out
            query.limit = std::numeric_limits<size_t>::max();
            query.alpha = inspected.alpha;
            query.encodeMissing = false; // neither wait for a run nor begin minutes of work
            const SearchResult found = session->search(query, context);
            Scored scored{found.answer, {}, toQString(query.model)};
            if (found.answer == Answer::Ready)
                scored.score = scoreAmong(found.hits, inspected.sample);
            return scored;
        },
        [this](const Scored& scored) {
            m_waitsForModel = scored.answer != Answer::Ready; // encoding them is a job as well
            m_score->setText(scoreText(scored));
            m_score->show();
        },
        [this](const Error& error) {
            m_score->setText(QString::fromUtf8(error.what()));
            m_score->show();
        });
}

} // namespace diptych::ui
