// What an object says of itself that it holds, by its type or a media type.
#include "proxy/protocol/fold.h"
#include "proxy/protocol/references.h"

namespace menshen::protocol {

namespace {

// A part's type that says what it is, and vLLM's for what was computed of it.
struct PartType {
  std::string_view name;
  core::OpaqueKind kind;
};
constexpr PartType part_types[] = {
    {"image", core::OpaqueKind::image},     {"input_image", core::OpaqueKind::image},
    {"image_url", core::OpaqueKind::image}, {"image_embeds", core::OpaqueKind::image},
    {"image_pil", core::OpaqueKind::image}, {"computer_screenshot", core::OpaqueKind::image},
    {"audio", core::OpaqueKind::audio},     {"input_audio", core::OpaqueKind::audio},
    {"audio_url", core::OpaqueKind::audio}, {"audio_embeds", core::OpaqueKind::audio},
    {"video", core::OpaqueKind::video},     {"input_video", core::OpaqueKind::video},
    {"video_url", core::OpaqueKind::video}, {"video_embeds", core::OpaqueKind::video},
};

// Of documents that are no text; what else is an application's may be JSON.
bool is_file_type(std::string_view type) noexcept {
  return type.starts_with("application/vnd.") || type == "application/pdf" ||
         type == "application/octet-stream" || type == "application/msword" ||
         type == "application/zip" || type == "application/rtf";
}

core::OpaqueKinds kinds_of_media_type(std::string_view type) {
  const std::string folded = fold_case(type);
  if (folded.starts_with("image/")) return core::OpaqueKind::image;
  if (folded.starts_with("audio/")) return core::OpaqueKind::audio;
  if (folded.starts_with("video/")) return core::OpaqueKind::video;
  return is_file_type(folded) ? core::OpaqueKind::file : core::OpaqueKinds();
}

}  // namespace

core::OpaqueKinds stored_file_kinds(const Tape& tape, NodeId value) {
  core::OpaqueKinds kinds;
  if (tape.is(value, NodeKind::array) && !tape.nodes[value].packed) {
    tape.each_element(value, [&](NodeId file) { kinds |= stored_file_kinds(tape, file); });
  } else if (tape.is(value, NodeKind::string)) {
    const std::string id = tape.decoded(value).substr(0, sizeof("file-") - 1);
    if (id == "file-" || id == "file_") kinds = core::OpaqueKind::stored_reference;
  } else if (tape.is(value, NodeKind::object)) {
    const NodeId id = tape.find(value, "id"_w);
    if (id != no_node && is_in_use(tape, id)) kinds = core::OpaqueKind::stored_reference;
  }
  return kinds;
}

core::OpaqueKinds part_kinds(const Tape& tape, NodeId part) {
  const NodeId type = tape.find(part, "type"_w);
  if (type == no_node || !tape.is(type, NodeKind::string)) return {};
  const std::string name = fold_case(tape.decoded(type));
  for (const PartType& known : part_types) {
    if (name == known.name) return known.kind;
  }
  return {};
}

bool names_cached_media(const Tape& tape, NodeId key) {
  return tape.decoded(key) == "uuid" && !part_kinds(tape, tape.nodes[key].parent).empty();
}

core::OpaqueKinds media_type_kinds(const Tape& tape, NodeId key) {
  const NodeId value = key + 1;
  if (!tape.is(value, NodeKind::string)) return {};
  const bool typed = tape.nodes[value].escaped || tape.raw(value).find('/') != std::string::npos;
  if (!typed) return {};
  const core::OpaqueKinds kinds = kinds_of_media_type(tape.decoded(value));
  if (kinds.empty()) return kinds;
  const std::string name = fold_name(tape.decoded(key));
  return name == "mediatype" || name == "mimetype" ? kinds : core::OpaqueKinds();
}

}  // namespace menshen::protocol
