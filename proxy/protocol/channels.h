// The texts of one answer that come in pieces: which are open, which have ended; and its choices.
#pragma once

#include "proxy/protocol/words.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace menshen::protocol {

// Whether a text of adjacent parts is what the model says or what it thinks.
enum class Speech : std::uint8_t { none, said, thought };

// What makes two pieces one text. `group`: choice, output item or content block. `part`: tool call,
// content part or rank of a token. `path`: hash of the place of a field that the API does not name.
struct ChannelKey {
  std::uint32_t group = 0;
  std::uint32_t part = 0;
  Word field = no_word;
  bool of_bytes = false;  // tokens by their bytes, beside tokens by their text
  std::uint64_t path = 0;
  // A name or an id: it ends with the next event that does not go on with it.
  bool brief = false;
  // Of a field that the API does not have there: when it is brief, it may begin again, or say the
  // same again without going on.
  bool stray = false;
  // What its part says may go on in the next part of its field: when the part ends, the text rests.
  Speech speech = Speech::none;

  bool operator==(const ChannelKey&) const = default;
};

// The path of a field, or of an entry, below another.
[[nodiscard]] constexpr std::uint64_t path_of(std::uint64_t path, std::uint64_t number) noexcept {
  return (path ^ (path >> 31) ^ number) * 0x9e3779b97f4a7c15ULL;
}
[[nodiscard]] constexpr std::uint64_t path_of(std::uint64_t path, std::string_view name) noexcept {
  return path_of(path, hash_bytes(name));
}

// Ids count up from 0 and are never given twice. Memory is bounded by `open_max` times a constant.
class Channels {
 public:
  // Indices that providers send are clamped below it.
  static constexpr std::uint32_t first_own_group = 0x80000000;

  explicit Channels(std::uint32_t open_max) : open_max_(open_max) {}

  enum class Fault : std::uint8_t { none, ended, too_many };
  // The id of the channel, which is opened if it is new.
  Fault find_or_open(const ChannelKey& key, std::uint32_t& id);
  // Whether the piece that was just found or opened a channel begins another part of its text.
  [[nodiscard]] bool begins_part() const noexcept { return begins_part_; }

  // Whether the value is what its stray channel was given last, and too long, or `word`, to be the
  // same piece twice: constants of a provider are no text that goes on.
  [[nodiscard]] bool is_restated(const ChannelKey& key, std::string_view value, bool word) const;
  void remember(const ChannelKey& key, std::string_view value);

  // Whether the channel has been opened and not ended.
  [[nodiscard]] bool is_open(const ChannelKey& key) const;
  // Brief channels of the part that have ended may begin anew in this event, up to the next
  // renew(): another call takes the part's place.
  void renew(std::uint32_t group, std::uint32_t part) { renewed_ = {group, part}; }

  // A choice that has finished stays so: what comes after may still concern it.
  Fault note_choice(std::uint32_t choice, bool finished);
  // There are choices, and all have finished.
  [[nodiscard]] bool all_finished() const noexcept {
    return !choices_.empty() && unfinished_choices_ == 0;
  }

  // These append the ids of the channels that they end.
  // The event has been read. `goes_on`: it is one that would have gone on with brief channels.
  void end_event(bool goes_on, std::vector<std::uint32_t>& ends);
  void end_field(std::uint32_t group, std::uint32_t part, Word field,
                 std::vector<std::uint32_t>& ends);
  void end_part(std::uint32_t group, std::uint32_t part, std::vector<std::uint32_t>& ends);
  // No channel of the group can be opened any more.
  void end_group(std::uint32_t group, std::vector<std::uint32_t>& ends);
  void end_all() { all_ended_ = true; }
  // What ends the texts that rest when the next block or item begins: a call, or what it gave,
  // parts all; what the model says parts its thoughts, which part nothing.
  enum class Begins : std::uint8_t { speech, thought, call };
  void begin(Begins what, std::vector<std::uint32_t>& ends);

  // A group that no other document shares; the end of the event ends its channels.
  std::uint32_t own_group() noexcept { return next_own_group_++; }

 private:
  void end_own_groups(std::vector<std::uint32_t>& ends);

  struct KeyHash {
    std::size_t operator()(const ChannelKey& key) const noexcept;
  };
  struct Channel {
    ChannelKey key;
    bool ended = false;
    std::uint64_t event = 0;  // brief: the last that went on with it
    bool rests = false;
    std::uint8_t restarts = 0;  // stray: how many ended at its place before
    std::uint64_t last = 0;     // stray: hash of the value given last
  };
  // Whether it ends with the next event that does not go on with it.
  static bool is_fleeting(const Channel& channel) noexcept;
  template <class Matches>
  void end_where(Matches matches, std::vector<std::uint32_t>& ends);

  std::uint32_t open_max_;
  std::unordered_map<ChannelKey, std::uint32_t, KeyHash> ids_;
  std::vector<Channel> channels_;
  std::vector<std::uint32_t> open_;
  std::unordered_set<std::uint32_t> ended_groups_;
  // A channel of another part, whose text the part that begins goes on with.
  bool resume(const ChannelKey& key, std::uint32_t& id);

  std::uint32_t next_own_group_ = first_own_group;
  std::uint32_t brief_open_ = 0;
  std::uint64_t event_ = 0;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> renewed_;
  std::unordered_map<std::uint32_t, bool> choices_;  // those seen, and whether they have finished
  std::uint32_t unfinished_choices_ = 0;
  std::uint32_t resting_ = 0;
  bool begins_part_ = false;
  bool all_ended_ = false;
};

}  // namespace menshen::protocol
