// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/tokenizer_recipes.h"

#include "core/text/tokenizer_reading.h"

#include <algorithm>
#include <array>

namespace diptych {
namespace {

// What transformers 5 builds for the classes of the checkpoints that are read (models/*/tokenization_*.py).

constexpr const char* kBert = R"({
  "type": "WordPiece", "vocabulary": "vocab.txt",
  "model": {"unk_token": "[UNK]"},
  "normalizer": {"type": "BertNormalizer"},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
  "tokens": {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
             "mask_token": "[MASK]"},
  "before": ["cls_token"], "after": ["sep_token"]
})";

constexpr const char* kGpt2 = R"({
  "type": "BPE", "vocabulary": "vocab.json",
  "model": {},
  "normalizer": null,
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
  "decoder": {"type": "ByteLevel"},
  "tokens": {"unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
})";

constexpr const char* kRoberta = R"({
  "type": "BPE", "vocabulary": "vocab.json",
  "model": {},
  "normalizer": null,
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
  "decoder": {"type": "ByteLevel"},
  "tokens": {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
             "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"},
  "before": ["cls_token"], "after": ["sep_token"]
})";

constexpr const char* kQwen2 = R"({
  "type": "BPE", "vocabulary": "vocab.json",
  "model": {},
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex":
     "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
    {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
  "decoder": {"type": "ByteLevel"},
  "tokens": {"unk_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
})";

constexpr const char* kXlmRoberta = R"({
  "type": "Unigram", "vocabulary": "sentencepiece.bpe.model",
  "model": {"unk_id": 3},
  "normalizer": "charsmap",
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "WhitespaceSplit"}, {"type": "Metaspace", "prepend_scheme": "always"}]},
  "decoder": {"type": "Metaspace", "prepend_scheme": "always"},
  "tokens": {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
             "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"},
  "before": ["bos_token"], "after": ["eos_token"]
})";

constexpr const char* kT5 = R"({
  "type": "Unigram", "vocabulary": "spiece.model",
  "model": {"unk_id": 2},
  "normalizer": "charsmap",
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "WhitespaceSplit"}, {"type": "Metaspace", "prepend_scheme": "always"}]},
  "decoder": {"type": "Metaspace", "prepend_scheme": "always"},
  "tokens": {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"},
  "before": [], "after": ["eos_token"]
})";

constexpr const char* kGemma = R"({
  "type": "BPE", "vocabulary": "tokenizer.model",
  "model": {"unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true},
  "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
  "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"},
  "decoder": {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
    {"type": "ByteFallback"}, {"type": "Fuse"}]},
  "tokens": {"unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
             "mask_token": "<mask>"},
  "padding_side": "left"
})";

constexpr const char* kLlama = R"({
  "type": "BPE", "vocabulary": "tokenizer.model",
  "model": {"fuse_unk": true, "byte_fallback": true},
  "normalizer": null,
  "pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "first", "split": false},
  "decoder": {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
    {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
  "tokens": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"},
  "padding_side": "left"
})";

struct NamedRecipe {
    std::string_view tokenizerClass;
    const char* json;
};
constexpr NamedRecipe kRecipes[] = {
    {"BertTokenizer", kBert},   {"GPT2Tokenizer", kGpt2},     {"RobertaTokenizer", kRoberta},
    {"Qwen2Tokenizer", kQwen2}, {"T5Tokenizer", kT5},         {"XLMRobertaTokenizer", kXlmRoberta},
    {"GemmaTokenizer", kGemma}, {"Siglip2Tokenizer", kGemma}, {"LlamaTokenizer", kLlama},
};

/// Other names of the same classes.
struct OtherName {
    std::string_view name, tokenizerClass;
};
constexpr OtherName kOtherNames[] = {
    {"BartTokenizer", "RobertaTokenizer"},       {"DistilBertTokenizer", "BertTokenizer"},
    {"ElectraTokenizer", "BertTokenizer"},       {"LEDTokenizer", "RobertaTokenizer"},
    {"LongformerTokenizer", "RobertaTokenizer"}, {"LxmertTokenizer", "BertTokenizer"},
    {"MobileBertTokenizer", "BertTokenizer"},    {"MvpTokenizer", "RobertaTokenizer"},
};

/// The class that transformers uses for a model type where the checkpoint names none.
struct ModelClass {
    std::string_view modelType, tokenizerClass;
};
constexpr ModelClass kModelClasses[] = {
    {"align", "BertTokenizer"},
    {"altclip", "XLMRobertaTokenizer"},
    {"bart", "RobertaTokenizer"},
    {"bert", "BertTokenizer"},
    {"blip", "BertTokenizer"},
    {"blip-2", "GPT2Tokenizer"},
    {"bridgetower", "RobertaTokenizer"},
    {"chinese_clip", "BertTokenizer"},
    {"clap", "RobertaTokenizer"},
    {"clip", "CLIPTokenizer"},
    {"clipseg", "CLIPTokenizer"},
    {"colqwen2", "Qwen2Tokenizer"},
    {"electra", "BertTokenizer"},
    {"emu3", "GPT2Tokenizer"},
    {"flava", "BertTokenizer"},
    {"florence2", "RobertaTokenizer"},
    {"gemma", "GemmaTokenizer"},
    {"gemma2", "GemmaTokenizer"},
    {"gemma3", "GemmaTokenizer"},
    {"git", "BertTokenizer"},
    {"gpt2", "GPT2Tokenizer"},
    {"grounding-dino", "BertTokenizer"},
    {"groupvit", "CLIPTokenizer"},
    {"idefics", "LlamaTokenizer"},
    {"idefics2", "LlamaTokenizer"},
    {"instructblip", "GPT2Tokenizer"},
    {"instructblipvideo", "GPT2Tokenizer"},
    {"internvl", "Qwen2Tokenizer"},
    {"metaclip_2", "XLMRobertaTokenizer"},
    {"mm-grounding-dino", "BertTokenizer"},
    {"mt5", "T5Tokenizer"},
    {"omdet-turbo", "CLIPTokenizer"},
    {"opt", "GPT2Tokenizer"},
    {"owlv2", "CLIPTokenizer"},
    {"owlvit", "CLIPTokenizer"},
    {"qwen2_5_vl", "Qwen2Tokenizer"},
    {"qwen2_vl", "Qwen2Tokenizer"},
    {"qwen3_vl", "Qwen2Tokenizer"},
    {"roberta", "RobertaTokenizer"},
    {"sam3", "CLIPTokenizer"},
    {"siglip", "SiglipTokenizer"},
    {"siglip2", "Siglip2Tokenizer"},
    {"t5", "T5Tokenizer"},
    {"trocr", "XLMRobertaTokenizer"},
    {"tvp", "BertTokenizer"},
    {"vilt", "BertTokenizer"},
    {"visual_bert", "BertTokenizer"},
    {"xclip", "CLIPTokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
};
/// Model types whose published files name a wrong class: transformers takes its own, or tokenizer.json alone.
constexpr std::string_view kOwnClass[] = {"siglip2"};
constexpr std::string_view kFileAlone[] = {"llava", "llava_next", "qwen2", "smolvlm", "vipllava"};

template<size_t N>
bool isOneOf(std::string_view value, const std::string_view (&list)[N]) {
    return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

std::string namedClass(const std::optional<TokenizerFile>& file) {
    std::string name = file ? jsonString(file->value, "tokenizer_class", "", file->where) : "";
    if (name.ends_with("Fast"))
        name.resize(name.size() - 4);
    for (const OtherName& other : kOtherNames)
        if (other.name == name)
            return std::string(other.tokenizerClass);
    return name;
}

std::string classOfModelType(std::string_view modelType) {
    for (const ModelClass& known : kModelClasses)
        if (known.modelType == modelType)
            return std::string(known.tokenizerClass);
    return {};
}

bool isByteLevel(const TokenizerFiles& files) {
    return files.tokenizer &&
           files.tokenizer->value.value("pre_tokenizer", Json()).dump().find(R"("type":"ByteLevel")") !=
               std::string::npos;
}

void applyBertOptions(Json& recipe, const TokenizerFile& config) {
    Json& normalizer = recipe["normalizer"];
    const bool lowerCases = jsonBool(config.value, "do_lower_case", true, config.where);
    normalizer["lowercase"] = lowerCases;
    normalizer["handle_chinese_chars"] = jsonBool(config.value, "tokenize_chinese_chars", true, config.where);
    normalizer["strip_accents"] = jsonBool(config.value, "strip_accents", lowerCases, config.where);
}

void applyPrefixSpace(Json& recipe, const TokenizerFile& config) {
    Json& step = recipe["pre_tokenizer"];
    const bool space = jsonBool(config.value, "add_prefix_space", false, config.where);
    (step.contains("pretokenizers") ? step["pretokenizers"].back() : step)["add_prefix_space"] = space;
}

void applyMetaspace(Json& recipe, const TokenizerFile& config) {
    if (jsonBool(config.value, "add_prefix_space", true, config.where))
        return;
    recipe["pre_tokenizer"]["pretokenizers"].back()["prepend_scheme"] = "never";
    recipe["decoder"]["prepend_scheme"] = "never";
}

void applyLlamaOptions(Json& recipe, const TokenizerFile& config) {
    if (!jsonBool(config.value, "add_prefix_space", true, config.where)) {
        recipe["pre_tokenizer"]["prepend_scheme"] = "never";
        recipe["decoder"]["decoders"].erase(3);
    } else if (jsonBool(config.value, "legacy", false, config.where)) {
        recipe["pre_tokenizer"]["prepend_scheme"] = "always";
    }
}

void lowerCaseFirst(Json& recipe) {
    recipe["normalizer"] = {{"type", "Sequence"},
                            {"normalizers", {{{"type", "Lowercase"}}, recipe["normalizer"]}}};
}

} // namespace

std::string tokenizerClass(const TokenizerFiles& files) {
    const std::string modelType =
        files.model ? jsonString(files.model->value, "model_type", "", files.model->where) : "";
    const std::string own = classOfModelType(modelType);
    if (isOneOf(modelType, kOwnClass))
        return own;
    if (files.tokenizer && isOneOf(modelType, kFileAlone))
        return {};
    std::string named = namedClass(files.config);
    if (named.empty())
        named = namedClass(files.model);
    if (named == "LlamaTokenizer" && isByteLevel(files))
        return {};
    return named.empty() ? own : named;
}

Json tokenizerRecipe(const std::string& tokenizerClass, const TokenizerFiles& files) {
    const auto* found =
        std::find_if(std::begin(kRecipes), std::end(kRecipes),
                     [&](const NamedRecipe& recipe) { return recipe.tokenizerClass == tokenizerClass; });
    if (found == std::end(kRecipes))
        return nullptr;
    Json recipe = parseJson(found->json, tokenizerClass);
    if (tokenizerClass == "Siglip2Tokenizer")
        lowerCaseFirst(recipe);
    if (!files.config)
        return recipe;
    if (found->json == kBert)
        applyBertOptions(recipe, *files.config);
    else if (found->json == kGpt2 || found->json == kRoberta || found->json == kQwen2)
        applyPrefixSpace(recipe, *files.config);
    else if (found->json == kXlmRoberta)
        applyMetaspace(recipe, *files.config);
    else if (found->json == kLlama)
        applyLlamaOptions(recipe, *files.config);
    return recipe;
}

} // namespace diptych
