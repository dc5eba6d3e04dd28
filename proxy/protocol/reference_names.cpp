// The names of fields that refer to what is not here, and what each refers to.
#include "proxy/protocol/fold.h"
#include "proxy/protocol/references.h"

#include <array>
#include <functional>
#include <map>

namespace menshen::protocol {

namespace {

using Kind = core::OpaqueKind;

// What refers to something by its whole name.
struct ReferenceName {
  std::string_view name;
  core::OpaqueKinds kinds;
};
// clang-format off
constexpr ReferenceName reference_names[] = {
    {"assistant_id", Kind::stored_reference}, {"attachments", Kind::file},
    {"audio_embeds", Kind::audio}, {"audio_url", Kind::audio}, {"cache_id", Kind::stored_reference},
    {"cached_content", Kind::stored_reference}, {"code_execution", Kind::hosted_tool},
    {"connectors", Kind::hosted_tool}, {"container", Kind::stored_reference},
    {"context_id", Kind::stored_reference}, {"conversation", Kind::stored_reference},
    {"conversation_id", Kind::stored_reference}, {"data_sources", Kind::hosted_tool},
    {"enable_deep_read", Kind::hosted_tool}, {"enable_enhancement", Kind::hosted_tool},
    {"encrypted_content", Kind::encrypted_reasoning}, {"extra_body", Kind::other},
    {"file", Kind::file}, {"file_data", Kind::file}, {"file_id", Kind::stored_reference},
    {"file_ids", Kind::stored_reference}, {"file_url", Kind::file | Kind::remote_url},
    {"files", Kind::file}, {"image", Kind::image}, {"image_data", Kind::image},
    {"image_embeds", Kind::image}, {"image_pil", Kind::image}, {"image_url", Kind::image},
    {"images", Kind::image}, {"input_audio", Kind::audio},
    {"input_embeds", Kind::other}, {"input_file_id", Kind::stored_reference},
    {"input_file_ids", Kind::stored_reference}, {"input_ids", Kind::token_array},
    {"kb_id", Kind::stored_reference}, {"kb_ids", Kind::stored_reference},
    {"know_ids", Kind::stored_reference}, {"knowledge", Kind::stored_reference},
    {"knowledge_id", Kind::stored_reference}, {"knowledge_ids", Kind::stored_reference},
    {"kv_transfer_params", Kind::other}, {"mcp", Kind::hosted_tool},
    {"mcp_server", Kind::hosted_tool}, {"mcp_servers", Kind::hosted_tool},
    {"multi_modal_data", Kind::other}, {"plugins", Kind::hosted_tool},
    {"preset", Kind::stored_reference}, {"previous_interaction_id", Kind::stored_reference},
    {"previous_response_id", Kind::stored_reference}, {"prompt_embeds", Kind::other},
    {"prompt_id", Kind::stored_reference}, {"prompt_template", Kind::stored_reference},
    {"prompt_token_ids", Kind::token_array}, {"thread_id", Kind::stored_reference},
    {"tool_resources", Kind::stored_reference}, {"url_context", Kind::remote_url},
    {"urls", Kind::remote_url}, {"video", Kind::video}, {"video_embeds", Kind::video},
    {"video_url", Kind::video},
};
// clang-format on

// What refers to something wherever it is a part of a name: force_search_enhancement, kb_search.
constexpr std::array<ReferenceName, 6> reference_stems{{{"browsing", Kind::hosted_tool},
                                                        {"codeinterpreter", Kind::hosted_tool},
                                                        {"knowledgebase", Kind::stored_reference},
                                                        {"retrieval", Kind::hosted_tool},
                                                        {"search", Kind::hosted_tool},
                                                        {"vectorstore", Kind::stored_reference}}};

// Research is no search.
bool holds_stem(std::string_view name, std::string_view stem) noexcept {
  std::size_t at = name.find(stem);
  while (at != std::string_view::npos && stem == "search" && name.substr(0, at).ends_with("re"))
    at = name.find(stem, at + 1);
  return at != std::string_view::npos;
}

core::OpaqueKinds stem_kinds(std::string_view name) noexcept {
  core::OpaqueKinds kinds;
  if (name.starts_with("disable")) return kinds;  // asks for nothing
  for (const ReferenceName& stem : reference_stems) {
    if (holds_stem(name, stem.name)) kinds |= stem.kinds;
  }
  return kinds;
}

}  // namespace

core::OpaqueKinds folded_reference_kinds(const std::string& folded) {
  static const std::map<std::string, core::OpaqueKinds, std::less<>> whole = [] {
    std::map<std::string, core::OpaqueKinds, std::less<>> names;
    for (const ReferenceName& known : reference_names)
      names.emplace(fold_name(known.name), known.kinds);
    return names;
  }();
  const auto known = whole.find(folded);
  return known != whole.end() ? known->second : stem_kinds(folded);
}

core::OpaqueKinds reference_kinds(std::string_view name) {
  return folded_reference_kinds(fold_name(name));
}

core::OpaqueKinds media_kinds(Word word) noexcept {
  switch (word) {
    case "audio_url"_w:
    case "input_audio"_w: return Kind::audio;
    case "encrypted_content"_w: return Kind::encrypted_reasoning;
    case "file"_w:
    case "file_data"_w: return Kind::file;
    case "file_id"_w: return Kind::stored_reference;
    case "file_url"_w: return Kind::file | Kind::remote_url;
    case "image"_w:
    case "image_url"_w:
    case "images"_w:
    case "partial_image_b64"_w: return Kind::image;
    case "video"_w:
    case "video_url"_w: return Kind::video;
    default: return {};
  }
}

}  // namespace menshen::protocol
