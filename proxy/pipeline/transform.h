// What is done to a text on its way: an ordered list of transforms, the first of which always finds
// and decides (text_flow.h).
//
//   // Says "Beta" instead of "Alpha".
//   class Renamed : public Transform { ... };
//   const TransformMaker renamed = [](const TextInfo& text) -> std::unique_ptr<Transform> {
//     return text.answer ? std::make_unique<Renamed>() : nullptr;          // null: not this text
//   };
//
// Each transform reads the text as it came, not what those before it have made of it, and asks for
// edits of it. What one asks for must depend on the text alone, never on how it was cut (law 4).
// Where edits overlap, the transform that stands first has its way and the other edit is dropped.
//
// Of one text and one thread; made anew for each text of an exchange.
#pragma once

#include "core/error.h"
#include "core/segment.h"
#include "proxy/protocol/document.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// Bytes [begin, end) of the text become `replacement`; with begin == end it is put in between, and
// at the end of a text after all of it. It is plain text. In a text that is JSON it must fit into
// any string (no quotes, backslashes and controls), or the text is refused; and nothing is put in
// at the end, where it would stand outside of the JSON. `escaped`: the transform knows where in the
// text it stands and has written it so (json_nesting.h); it is taken as it is.
struct TextEdit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string replacement;
  bool escaped = false;
};

struct TextInfo {
  protocol::LeafKind kind = protocol::LeafKind::text;  // text, json_text or key
  // assistant: what the model says or thinks, also where an API says the whole of it again.
  core::Role role = core::Role::metadata;
  bool answer = false;  // what the model says, once
};

class Transform {
 public:
  Transform() = default;
  virtual ~Transform() = default;
  Transform(const Transform&) = delete;
  Transform& operator=(const Transform&) = delete;

  // The next bytes, cut anywhere, and the end of the text. Edits that are certain are appended,
  // rising and apart from each other. An error refuses the text.
  virtual core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>& edits) = 0;
  virtual core::Result<void> finish(std::vector<TextEdit>& edits) = 0;

  // An edit of its own is made, and not dropped because it overlaps one of a transform that stands
  // before; in the order of the text.
  virtual void made(const TextEdit&) {}

  // How much of the text is decided: no edit to come begins before it, and those given that begin
  // before it end there or before. The text is held back from the least settled() of its
  // transforms on, so that it is to follow the bytes fed at a bounded distance. What comes last may
  // be edited only if something of it is not settled before finish().
  [[nodiscard]] virtual std::size_t settled() const noexcept = 0;
};

using TransformMaker = std::function<std::unique_ptr<Transform>(const TextInfo&)>;

}  // namespace menshen::pipeline
