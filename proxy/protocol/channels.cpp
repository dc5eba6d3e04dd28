#include "proxy/protocol/channels.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

// A stream may go through many channels, one after the other; it is still to be bounded.
constexpr std::uint64_t channels_per_open_max = 16;
// A stray text that comes and goes more often than this is one text from then on.
constexpr std::uint8_t restarts_max = 8;
// Pieces of one text that are as long are hardly the same one after the other.
constexpr std::size_t constant_bytes_min = 8;

}  // namespace

std::size_t Channels::KeyHash::operator()(const ChannelKey& key) const noexcept {
  std::uint64_t hash = (std::uint64_t{key.group} << 32 | key.part) * 0x9e3779b97f4a7c15ULL;
  hash ^= (hash >> 29) ^ key.path ^
          (std::uint64_t{key.field} << 2 | (key.brief ? 2U : 0U) | (key.of_bytes ? 1U : 0U));
  hash *= 0xff51afd7ed558ccdULL;
  return hash ^ (hash >> 32);
}

bool Channels::is_fleeting(const Channel& channel) noexcept {
  return channel.key.brief && channel.restarts < restarts_max;
}

bool Channels::resume(const ChannelKey& key, std::uint32_t& id) {
  for (const std::uint32_t open : open_) {
    Channel& channel = channels_[open];
    const ChannelKey& before = channel.key;
    if (before.speech != key.speech || before.field != key.field || before.path != key.path)
      continue;
    // A part that begins before the last one's end is the end of that one.
    if (channel.rests) --resting_;
    channel.rests = false;
    channel.key = key;  // the key before leads to it too, and is no longer its own
    ids_.emplace(key, open);
    id = open;
    return true;
  }
  return false;
}

Channels::Fault Channels::find_or_open(const ChannelKey& key, std::uint32_t& id) {
  begins_part_ = false;
  std::uint8_t restarts = 0;
  const auto found = ids_.find(key);
  if (found != ids_.end()) {
    id = found->second;
    Channel& channel = channels_[id];
    channel.event = event_;
    const bool over = channel.ended || channel.rests || channel.key != key;
    if (!over) return all_ended_ ? Fault::ended : Fault::none;
    const bool renewed = key.brief && renewed_ && *renewed_ == std::pair(key.group, key.part);
    if (all_ended_ || !(renewed || key.stray)) return Fault::ended;
    if (key.stray) restarts = static_cast<std::uint8_t>(channel.restarts + 1);
    ids_.erase(found);
  }
  if (all_ended_ || ended_groups_.contains(key.group)) return Fault::ended;
  const bool full = std::max(ids_.size(), channels_.size()) >= channels_per_open_max * open_max_;
  if (!full && key.speech != Speech::none && resume(key, id)) {
    begins_part_ = true;
    return Fault::none;
  }
  if (full || open_.size() >= open_max_) return Fault::too_many;
  id = static_cast<std::uint32_t>(channels_.size());
  channels_.push_back({.key = key, .event = event_, .restarts = restarts});
  if (is_fleeting(channels_.back())) ++brief_open_;
  open_.push_back(id);
  ids_.emplace(key, id);
  return Fault::none;
}

template <class Matches>
void Channels::end_where(Matches matches, std::vector<std::uint32_t>& ends) {
  std::size_t kept = 0;
  for (const std::uint32_t id : open_) {
    Channel& channel = channels_[id];
    const bool ends_now = !channel.rests && matches(channel);
    if (ends_now && channel.key.speech == Speech::none) {
      channel.ended = true;
      if (is_fleeting(channel)) --brief_open_;
      ends.push_back(id);
      continue;
    }
    if (ends_now) {
      channel.rests = true;
      ++resting_;
    }
    open_[kept++] = id;
  }
  open_.resize(kept);
}

void Channels::begin(Begins what, std::vector<std::uint32_t>& ends) {
  if (what == Begins::thought || resting_ == 0) return;
  std::erase_if(open_, [&](std::uint32_t id) {
    Channel& channel = channels_[id];
    const bool parted = what == Begins::call || channel.key.speech == Speech::thought;
    if (!channel.rests || !parted) return false;
    channel.rests = false;
    --resting_;
    channel.ended = true;
    ends.push_back(id);
    return true;
  });
}

bool Channels::is_restated(const ChannelKey& key, std::string_view value, bool word) const {
  if (!word && value.size() < constant_bytes_min) return false;
  const auto found = ids_.find(key);
  return found != ids_.end() && channels_[found->second].last == hash_bytes(value);
}

void Channels::remember(const ChannelKey& key, std::string_view value) {
  const auto found = ids_.find(key);
  if (found != ids_.end()) channels_[found->second].last = hash_bytes(value);
}

bool Channels::is_open(const ChannelKey& key) const {
  const auto found = ids_.find(key);
  return found != ids_.end() && !channels_[found->second].ended;
}

Channels::Fault Channels::note_choice(std::uint32_t choice, bool finished) {
  const auto [seen, is_new] = choices_.try_emplace(choice, false);
  if (is_new) ++unfinished_choices_;
  if (finished && !seen->second) {
    seen->second = true;
    --unfinished_choices_;
  }
  return choices_.size() <= open_max_ ? Fault::none : Fault::too_many;
}

void Channels::end_event(bool goes_on, std::vector<std::uint32_t>& ends) {
  end_own_groups(ends);
  if (goes_on && brief_open_ > 0) {
    end_where(
        [&](const Channel& channel) { return is_fleeting(channel) && channel.event != event_; },
        ends);
  }
  renewed_.reset();
  ++event_;
}

void Channels::end_field(std::uint32_t group, std::uint32_t part, Word field,
                         std::vector<std::uint32_t>& ends) {
  end_where(
      [&](const Channel& channel) {
        const ChannelKey& key = channel.key;
        return key.group == group && key.part == part && key.field == field;
      },
      ends);
}

void Channels::end_part(std::uint32_t group, std::uint32_t part, std::vector<std::uint32_t>& ends) {
  end_where(
      [&](const Channel& channel) {
        return channel.key.group == group && channel.key.part == part;
      },
      ends);
}

void Channels::end_group(std::uint32_t group, std::vector<std::uint32_t>& ends) {
  end_where([&](const Channel& channel) { return channel.key.group == group; }, ends);
  // Past this bound a group may be opened again, but its channels stay ended.
  if (ended_groups_.size() < channels_per_open_max * open_max_) ended_groups_.insert(group);
}

void Channels::end_own_groups(std::vector<std::uint32_t>& ends) {
  if (next_own_group_ == first_own_group) return;
  end_where([](const Channel& channel) { return channel.key.group >= first_own_group; }, ends);
}

}  // namespace menshen::protocol
