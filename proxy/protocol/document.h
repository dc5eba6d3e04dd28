// One JSON document of an API (a body, or the data of a stream's event): every leaf that detectors
// must see, and edits in place (law 5). No sockets.
//
//   auto doc = Document::parse_request(body, endpoint, limits);
//   for (const Leaf& leaf : doc->leaves()) scan(doc->text(leaf, scratch));
//   Edits edits;
//   edits.replace(leaf, 5, 18, "[CN_MOBILE]");
//   std::string out = doc->apply(edits);          // all other bytes as they came
//
// Refused with an error whose `where` is a JSON pointer or a byte offset (law 6): invalid UTF-8,
// invalid JSON, anything after the value, duplicate keys (compared after decoding escapes), depth
// past json_depth_max, lone surrogates, NUL, more values than one per 4 bytes, keys of one object
// that only case tells apart where the API knows the keys; for a request: a body that is no object,
// numbers that no double holds, a key that is one of the API's but for its case, a missing or
// non-string `model`, a `stream` that is neither boolean nor null, a response in the background,
// `messages`, `tools` or `models` that are no lists of what they should be. Errors hold nothing of
// the document.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/limits.h"
#include "core/opaque.h"
#include "core/segment.h"
#include "proxy/protocol/endpoint.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol {

// Every string, key and long number of a document is a leaf, but for empty ones, for the numbers of
// an embedding's vector, for the times at the top of an answer, and for the APIs' own fixed words
// (words.h) as keys or where nobody speaks, such as the value of `role`.
enum class LeafKind : std::uint8_t {
  // A string.
  text,
  // A string that programs take for JSON: arguments of a tool call. Whether any text is JSON, its
  // detectors see for themselves; keys of this one cannot be redacted.
  json_text,
  // A number with 9 digits or more before its point, as it is written or by its value: scanned as
  // its digits up to point or exponent, or (`escaped`) as its value without exponent. An edit makes
  // it a string.
  number,
  // Numbers of tokens of an encoding that is known: the text that they stand for. Edits encode it
  // anew.
  token_list,
  // An object's key: cannot be redacted, so what is found in it refuses the exchange.
  key,
  // A log-probability token, or its `bytes`, decoded: a piece of a text, maybe of a character. An
  // edit makes the enclosing logprobs null.
  token,
  // Cannot be read, or is not here: image, audio, file, encrypted content, other tokens, what
  // the provider keeps, fetches or searches, tools that it runs: kinds() says which. Only the
  // policy for opaque content applies; each string in it is a leaf of text besides. An edit makes
  // it null.
  opaque,
};

// A leaf's channel joins it with other leaves into one text, in document order and, in a stream,
// across events: the pieces of one answer, the adjacent parts of one speaker, the tokens of one
// logprobs list. no_channel: a text of its own.
inline constexpr std::uint32_t no_channel = 0xffffffff;

struct Leaf {
  std::uint32_t begin = 0;  // bytes of the value in the document: a string without its quotes
  std::uint32_t end = 0;
  std::uint32_t channel = no_channel;
  std::uint32_t pointer = 0;  // for Document::pointer()
  // Kind token: the node of the logprobs value that becomes null. Returned, in a stream: 0, a whole
  // value; else the block of whose value this is a piece, counted from 1.
  std::uint32_t container = 0;
  LeafKind kind = LeafKind::text;
  core::Role role = core::Role::metadata;
  bool escaped : 1 = false;  // the raw string holds a backslash; a number's text is its value
  bool answer : 1 = false;   // response: part of what the model says (scores are about these)
  // What an answer may rest on: a tool's result, a document, a cited text.
  bool source : 1 = false;
  // A part begins here, in the midst of its channel's text: adjacent texts of one speaker. What
  // lies between the parts is read both as nothing and as a blank.
  bool begins_part : 1 = false;
  // Stream: the same bytes came in the same field of an earlier event, so what was found there is
  // found here; skip it if nothing was.
  bool repeated : 1 = false;
  // Opaque: what the provider alone can read and wants back, at the field that its API has for it
  // and no longer than encrypted_reasoning_bytes_max. Text: ciphertext at such a field, or in place
  // of a vector's numbers, or base64 in media: secrets of the gateway's own are looked for in it,
  // and nothing else.
  bool returned : 1 = false;
  std::uint16_t kind_bits : 10 = 0;

  // Opaque: what it is; never empty.
  [[nodiscard]] core::OpaqueKinds kinds() const noexcept {
    return core::OpaqueKinds::of_bits(kind_bits);
  }
};
static_assert(core::all_opaque_kinds.size() == 10, "as many bits as there are kinds");
static_assert(sizeof(Leaf) == 24, "a body may have a leaf for each 4 bytes");

// Where a key stands: its object, as pointer() says it, and which of its keys it is, from 1.
struct KeyPlace {
  std::string object;
  std::size_t number = 0;
};

// What a provider counted, where it said so; 0: it did not.
struct Usage {
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
};

struct AnswerFacts;

// A member of the body's object: its name as it is written, and where its value begins. Points into
// the document.
struct Member {
  std::string_view name;
  std::uint32_t begin = 0;
};

class Edits {
 public:
  // Replaces bytes [begin, end) of the leaf's decoded text by `replacement`. Edits may come in any
  // order and must not overlap.
  void replace(const Leaf& leaf, std::size_t begin, std::size_t end, std::string_view replacement);
  // Replaces raw document bytes, e.g. the value of `model`.
  void replace_raw(std::size_t begin, std::size_t end, std::string_view raw);
  [[nodiscard]] bool empty() const noexcept { return edits_.empty(); }
  void clear() noexcept {
    edits_.clear();
    replacements_.clear();
  }

 private:
  friend class Document;
  struct Edit {
    Leaf leaf;
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t replacement;  // where it begins in replacements_
    std::uint32_t replacement_size;
    bool raw;
  };
  void add(const Leaf& leaf, std::size_t begin, std::size_t end, std::string_view replacement,
           bool raw);
  [[nodiscard]] std::string_view replacement(const Edit& edit) const noexcept {
    return std::string_view(replacements_).substr(edit.replacement, edit.replacement_size);
  }

  std::vector<Edit> edits_;
  std::string replacements_;  // one after the other: there may be as many edits as words
};

// Owns its bytes. Movable; spans and leaves stay valid when it moves. One thread at a time.
// Memory: its bytes, and 24 bytes for each value and key and for each leaf, so at most 13 times its
// bytes (a value takes 4 bytes at least, but for the first 65,536); prose takes about its own size.
class Document {
 public:
  // `path_model`: the model that the request's path names, in APIs that name it there; then it is
  // model(), and a `model` of the body is one of models().
  // `served_as`: the name that the provider gets for the model, which says how to read lists of
  // tokens; empty: it is not known, and they are opaque. Errors of such lists: LeafWriter.
  static core::Result<Document> parse_request(std::string body, const Endpoint& endpoint,
                                              const core::Limits& limits,
                                              std::string_view path_model = {},
                                              std::string_view served_as = {});
  // An answer that is no stream. An answer that is no JSON object is an error of source provider
  // ("bad_upstream_body"). `status` >= 400: an error body, whose every string is metadata.
  static core::Result<Document> parse_response(std::string body, const Endpoint& endpoint,
                                               unsigned status, const core::Limits& limits);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  [[nodiscard]] std::string_view bytes() const noexcept;
  // The bytes as they came; nothing else may be asked of the document after it.
  [[nodiscard]] std::string take_bytes() &&;
  [[nodiscard]] std::span<const Leaf> leaves() const noexcept;
  // RFC 6901, but that a key longer than 128 bytes is cut. It may hold keys that the sender chose:
  // not for logs.
  [[nodiscard]] std::string pointer(const Leaf& leaf) const;

  // Of a leaf of kind key, without the key itself.
  [[nodiscard]] KeyPlace key_place(const Leaf& leaf) const;

  // Of the object that the document is, in their order; empty: it is none.
  [[nodiscard]] std::vector<Member> members() const;

  // The decoded text; of an opaque leaf that is not returned empty. Points into the document, or
  // into `scratch` when it had to be decoded.
  [[nodiscard]] std::string_view text(const Leaf& leaf, std::string& scratch) const;

  [[nodiscard]] std::string apply(const Edits& edits) const;

  // Requests
  [[nodiscard]] const std::string& model() const noexcept;  // decoded
  // `model`, and the further models that the provider may use instead of it: access rules apply to
  // each.
  [[nodiscard]] std::span<const std::string> models() const noexcept;
  [[nodiscard]] bool stream() const noexcept;
  // Whether there are lists of tokens, read or not: whether `served_as` matters.
  [[nodiscard]] bool has_token_lists() const noexcept;
  // Names the model that the upstream knows, when it differs, where the body names one.
  void rename_model(Edits& edits, std::string_view model) const;

  // Answers
  // Says `model` where an answer, or an event of a stream, says which model it is of: in the field
  // of that name at the top, and in those of a `message` or `response` there.
  void rename_answer(Edits& edits, std::string_view model) const;
  [[nodiscard]] Usage usage() const noexcept;
  // Adds what this answer, or this event of a stream, says of the whole (answer_facts.h).
  void tell(AnswerFacts& facts) const;
  // Makes every logprobs value null: beside a text that was redacted, its tokens would tell it.
  void null_logprobs(Edits& edits) const;
  // The same of what the provider wants back with the next request, in this event or in a later
  // one than the text.
  void null_state(Edits& edits) const;

 private:
  friend class StreamReader;
  struct Impl;
  explicit Document(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::protocol
