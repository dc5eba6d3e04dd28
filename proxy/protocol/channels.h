// The texts of one answer that come in pieces: which are open, which have ended; and its choices.
#pragma once

#include "proxy/protocol/words.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace menshen::protocol {

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
  // What its part says may go on in the next part of its field: when the part ends, the text rests.
  bool speech = false;

  bool operator==(const ChannelKey&) const = default;
};

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
  // A block or an item of this kind begins. It may go on with texts that rest only when the one
  // before it was of the same kind; no_word: never.
  void begin_kind(Word kind, std::vector<std::uint32_t>& ends);

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
  };
  template <class Matches>
  void end_where(Matches matches, std::vector<std::uint32_t>& ends);

  std::uint32_t open_max_;
  std::unordered_map<ChannelKey, std::uint32_t, KeyHash> ids_;
  std::vector<Channel> channels_;
  std::vector<std::uint32_t> open_;
  std::unordered_set<std::uint32_t> ended_groups_;
  // A channel whose part has ended and whose text the next part may go on with.
  bool resume(const ChannelKey& key, std::uint32_t& id);

  std::uint32_t next_own_group_ = first_own_group;
  std::uint32_t brief_open_ = 0;
  std::uint64_t event_ = 0;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> renewed_;
  std::unordered_map<std::uint32_t, bool> choices_;  // those seen, and whether they have finished
  std::uint32_t unfinished_choices_ = 0;
  std::uint32_t resting_ = 0;
  Word kind_ = no_word;
  bool begins_part_ = false;
  bool all_ended_ = false;
};

}  // namespace menshen::protocol
