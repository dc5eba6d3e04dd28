// What an object says of itself that it holds, by its type or a media type.
#include "proxy/protocol/fold.h"
#include "proxy/protocol/references.h"

namespace menshen::protocol {

namespace {

core::OpaqueKinds kinds_of_media_type(std::string_view type) noexcept {
  if (type.starts_with("image/")) return core::OpaqueKind::image;
  if (type.starts_with("audio/")) return core::OpaqueKind::audio;
  if (type.starts_with("video/")) return core::OpaqueKind::video;
  return {};
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
  const std::string name = tape.decoded(type);
  if (name == "image" || name == "input_image") return core::OpaqueKind::image;
  if (name == "audio" || name == "input_audio") return core::OpaqueKind::audio;
  if (name == "video" || name == "input_video") return core::OpaqueKind::video;
  return {};
}

core::OpaqueKinds media_type_kinds(const Tape& tape, NodeId key) {
  const NodeId value = key + 1;
  if (!tape.is(value, NodeKind::string)) return {};
  const core::OpaqueKinds kinds = kinds_of_media_type(tape.decoded(value));
  if (kinds.empty()) return kinds;
  const std::string name = fold_name(tape.decoded(key));
  return name == "mediatype" || name == "mimetype" ? kinds : core::OpaqueKinds();
}

}  // namespace menshen::protocol
