// Writes the leaves of one document. What is where in an API's schema is known to its callers
// (content.h, requests.h, answers.h, events.h); this knows only kinds of leaves.
#pragma once

#include "core/error.h"
#include "core/exchange.h"
#include "proxy/protocol/channels.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/tape.h"
#include "proxy/protocol/tokens/encoding.h"

#include <optional>
#include <string_view>
#include <vector>

namespace menshen::protocol {

// Texts that stand side by side and have the same speaker are one text to a reader. Each tool's
// result and each document speaks for itself.
inline constexpr std::uint32_t nobody = 0;
inline constexpr std::uint32_t system_speaker = 1;
inline constexpr std::uint32_t user_speaker = 2;
inline constexpr std::uint32_t assistant_speaker = 3;
inline constexpr std::uint32_t thoughts_speaker = 4;
inline constexpr std::uint32_t first_own_speaker = 5;

// Who speaks in a part of a document, whether it is the answer that scores are about, and whether
// an answer may rest on it.
struct Scope {
  core::Role role = core::Role::metadata;
  bool answer = false;
  bool source = false;
  std::uint32_t speaker = nobody;

  [[nodiscard]] Scope without_answer() const noexcept { return {role, false, source}; }
  [[nodiscard]] Scope spoken_by(std::uint32_t who) const noexcept {
    return {role, answer, source, who};
  }
};
inline constexpr Scope metadata_scope{core::Role::metadata, false};
inline constexpr Scope result_scope{core::Role::tool, false, true};

// Maps whose keys are the sender's own, wherever they stand: metadata, arguments, properties of
// schemas.
[[nodiscard]] bool is_own_map(Word word) noexcept;

class LeafWriter {
 public:
  // `returned_bytes_max`: limits.encrypted_reasoning_bytes_max. `direction`: whose document it is.
  LeafWriter(const Tape& tape, Channels& channels, std::vector<Leaf>& leaves,
             std::uint32_t returned_bytes_max,
             core::Direction direction = core::Direction::response)
      : tape_(tape),
        channels_(channels),
        leaves_(leaves),
        returned_bytes_max_(returned_bytes_max),
        direction_(direction) {}

  // From here on lists of tokens are read by `encoding`; null: they are opaque. `bytes_max`: their
  // texts, in all.
  void read_tokens(const tokens::Encoding* encoding, std::uint64_t bytes_max) noexcept {
    encoding_ = encoding;
    token_bytes_left_ = bytes_max;
  }

  [[nodiscard]] const Tape& tape() const noexcept { return tape_; }
  [[nodiscard]] bool of_request() const noexcept { return direction_ == core::Direction::request; }

  // The key of a field where the API knows the keys: no leaf if it is a word of the APIs.
  // "ambiguous_key" if readers without regard to case take it for another key: of its object, or,
  // in a request, of the API.
  void key(NodeId key);
  // A string (other values: as all()). Empty ones are no leaves, nor are words of the APIs where
  // nobody speaks.
  // `is_data`: only secrets are looked for in it.
  void text(NodeId string, Scope scope, bool is_data = false);
  void json_text(NodeId string, Scope scope);
  // A list of numbers of tokens. False: it is none, or nobody can read it here. Errors:
  // "token_unknown", "tokens_no_text", "token_text_too_long".
  bool token_list(NodeId value, Scope scope);
  // Whether it is one that can be read here.
  [[nodiscard]] bool reads_token_list(NodeId value) const noexcept;
  // A piece of a channel; `kind` is text or json_text. In other values each string is a text by its
  // place, as in pieces().
  void piece(NodeId string, Scope scope, LeafKind kind, const ChannelKey& channel);
  // Everything below `value`, of a shape that the API does not have there: each string goes on with
  // the one at the same place of an earlier event. Entries of arrays go by their position.
  void pieces(NodeId value, Scope scope, const ChannelKey& channel, bool own_keys);
  // Everything below `value`, with one scope. The API knows the keys, but for those of maps that
  // are the sender's own, such as properties of schemas.
  void all(NodeId value, Scope scope) { walk(value, scope, Keys::of_api); }
  // The same of a map whose keys are the sender's own: arguments, metadata, weights.
  void own(NodeId value, Scope scope) { walk(value, scope, Keys::own); }
  // Everything below, and an opaque leaf besides if it holds encoded data, or (`links`) a URL, or,
  // in a request, what the provider would resolve or run. `part`: what it is then, too.
  void unknown(NodeId value, Scope scope, bool links, core::OpaqueKinds part = {});
  // Content that cannot be read as a whole, and all its strings besides.
  void opaque(NodeId value, core::OpaqueKinds kinds);
  // Only the opaque leaf; null is none.
  void mark_opaque(NodeId value, core::OpaqueKinds kinds);
  // The same of a value below which nothing else is marked: it is of the kinds of what it holds,
  // too. Encoded data is what an image and the like are made of.
  void mark_whole(NodeId value, core::OpaqueKinds kinds);
  // The same of what the provider alone can read and wants back, at the field that its API has for
  // it: returned, if it is a string and not too long. Whether it is.
  bool mark_returned(NodeId value);
  // From here on they are pieces of the value of this block of a stream.
  void enter_block(std::uint32_t index) noexcept { block_ = index + 1; }
  // An opaque leaf if it holds encoded data that is no data URL.
  void mark_encoded(NodeId value);
  // The same if it holds a data URL, or (`encoded`) encoded data.
  void mark_written(NodeId value, bool encoded);
  // A string that may be nothing but ciphertext, as metadata: then only secrets are looked for in
  // it. Other values: as all().
  void sealed(NodeId string);
  // A logprobs value of any API, whose tokens are channels by (group, rank).
  void logprobs(NodeId value, std::uint32_t group, Word list);
  [[nodiscard]] bool has_token_lists() const noexcept { return has_token_lists_; }
  // A speaker that no other text has.
  [[nodiscard]] std::uint32_t new_speaker() noexcept { return next_speaker_++; }
  // What comes next is no continuation, whoever says it.
  void end_speech() noexcept {
    speaker_ = nobody;
    said_ = thought_ = {};
  }
  // A group for a list of tokens that is complete in this document.
  [[nodiscard]] std::uint32_t own_group() { return channels_.own_group(); }

  // What only the provider can read and wants back with the next request, though it tells what was
  // said: no leaf, but null beside a text that was redacted.
  void keep_state(NodeId value) noexcept { state_ = value; }
  [[nodiscard]] NodeId state() const noexcept { return state_; }

  void fail(core::Error error) {
    if (!error_) error_ = std::move(error);
  }
  [[nodiscard]] std::optional<core::Error>& error() noexcept { return error_; }

 private:
  enum class Keys : std::uint8_t { of_api, own };
  // Of media: base64 is what an image is made of, and a detector finds values there by chance.
  enum class Strings : std::uint8_t { of_texts, of_media };
  void walk(NodeId value, Scope scope, Keys keys, Strings strings = Strings::of_texts);
  void key_leaf(NodeId key);
  void check_key(NodeId key);
  Leaf& add(NodeId node, LeafKind kind, Scope scope);
  void add_to_channel(Leaf& leaf, const ChannelKey& channel);
  // The last leaf goes on with what the same speaker said before it, if nothing came between. What
  // is said parts thoughts; thoughts part nothing.
  void join(std::uint32_t speaker);
  void number(NodeId node, Scope scope);
  // What a value holds that cannot be read; empty: nothing.
  [[nodiscard]] core::OpaqueKinds held(NodeId value, bool links) const;

  struct TokenList {
    NodeId container;
    std::uint32_t group;
    Word list;
  };
  void token(NodeId node, const TokenList& list, std::uint32_t rank, bool of_bytes);
  void token_entries(NodeId array, const TokenList& list);
  void token_entry(NodeId entry, const TokenList& list, std::uint32_t rank);
  void token_map(NodeId object, const TokenList& list);
  void unexpected(NodeId value, const TokenList& list, std::uint32_t rank);
  [[nodiscard]] bool is_byte_list(NodeId array) const;

  const Tape& tape_;
  Channels& channels_;
  std::vector<Leaf>& leaves_;
  std::uint32_t returned_bytes_max_;
  core::Direction direction_;
  const tokens::Encoding* encoding_ = nullptr;
  std::uint64_t token_bytes_left_ = 0;
  bool has_token_lists_ = false;
  std::uint32_t speaker_ = nobody;  // of what was said before
  struct Run {
    std::optional<std::size_t> begin;  // index of the leaf with which it began
    ChannelKey channel;
  };
  Run said_;
  Run thought_;
  std::uint32_t next_speaker_ = first_own_speaker;
  NodeId state_ = no_node;
  std::uint32_t block_ = 0;  // as Leaf::container
  std::optional<core::Error> error_;
};

}  // namespace menshen::protocol
