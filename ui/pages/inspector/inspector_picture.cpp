// SPDX-License-Identifier: GPL-3.0-or-later
// The Inspector's picture: whole, as the model gets it, with where its similarity comes from, on the whole
// screen.
#include "core/session/session.h"
#include "ui/models/formatting.h"
#include "ui/pages/inspector/full_screen.h"
#include "ui/pages/inspector/inspector_page.h"
#include "ui/pages/inspector/where_panel.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/image_view.h"

#include <QLabel>
#include <QToolButton>

namespace diptych::ui {

void InspectorPage::showPicture() {
    if (!m_where->picture().isNull()) {
        m_cropping.cancel();
        m_view->replaceImage(m_where->picture());
        fillFullScreen();
        return;
    }
    if (m_crop->isChecked()) {
        loadCrop();
        return;
    }
    m_cropping.cancel();
    m_view->setImage(m_image);
    m_view->setPlaceholder(m_imageError);
    fillFullScreen();
}

void InspectorPage::loadCrop() {
    const auto session = state().session();
    if (!session || !m_request.sample)
        return;
    m_cropping.start(
        JobSpec(tr("Preprocess")).setShown(false),
        [session, inspected = inspected()](const RunContext&) {
            const ModelRecord model = lookingModel(session->workspace(), inspected);
            const Result<Image> crop = session->modelImage(inspected.sample, model.id, inspected.alpha);
            if (!crop)
                throw crop.error();
            return std::pair(toQImage(*crop), model.name);
        },
        [this](const std::pair<QImage, std::string>& crop) {
            m_view->setImage(crop.first);
            m_crop->setToolTip(tr("%1 × %2 pixels, resized and cropped as %3 gets it")
                                   .arg(crop.first.width())
                                   .arg(crop.first.height())
                                   .arg(toQString(crop.second)));
            fillFullScreen();
        },
        [this](const Error& error) {
            m_view->setImage({});
            m_view->setPlaceholder(QString::fromUtf8(error.what()));
        });
}

void InspectorPage::showFullScreen() {
    if (m_fullScreen || !m_request.sample)
        return;
    m_fullScreen = new FullScreenPicture(window());
    m_fullScreen->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_fullScreen, &FullScreenPicture::stepped, this, &InspectorPage::step);
    connect(m_fullScreen, &FullScreenPicture::left, this, [this] { m_view->setFocus(); });
    actions().attach(m_fullScreen->view(), [this] { return target(); });
    fillFullScreen();
    m_fullScreen->showFullScreen();
    m_fullScreen->view()->setFocus();
}

void InspectorPage::fillFullScreen() {
    if (!m_fullScreen)
        return;
    QStringList facts{m_title->text()};
    if (!m_position->text().isEmpty())
        facts << m_position->text();
    facts << tr("Left and Right go on, Esc leaves");
    m_fullScreen->showPicture(m_view->image(), m_imageError, facts.join(QStringLiteral("  ·  ")));
}

} // namespace diptych::ui
