// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/safetensors.h"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace diptych {

struct EditableTensor {
    TensorView view;
    std::vector<std::byte> bytes;
};
using EditableTensors = std::map<std::string, EditableTensor>;

/// Reads a weights file, lets @p change edit its tensors (and their bytes), and writes it back.
inline void editWeights(const std::filesystem::path& path,
                        const std::function<void(EditableTensors&)>& change) {
    EditableTensors tensors;
    {
        const SafetensorsFile file(path);
        for (const std::string& name : file.names()) {
            const TensorView& view = *file.find(name);
            tensors[name] = {view, {view.bytes.begin(), view.bytes.end()}};
        }
    }
    change(tensors);
    std::vector<TensorView> views;
    for (auto& [name, tensor] : tensors) {
        tensor.view.name = name;
        tensor.view.bytes = tensor.bytes;
        views.push_back(tensor.view);
    }
    writeSafetensors(path, views);
}

} // namespace diptych
