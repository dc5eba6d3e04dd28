#include "proxy/protocol/channels.h"

namespace menshen::protocol {

namespace {

// A stream may go through many channels, one after the other; it is still to be bounded.
constexpr std::uint64_t channels_per_open_max = 16;

}  // namespace

std::size_t Channels::KeyHash::operator()(const ChannelKey& key) const noexcept {
  std::uint64_t hash = (std::uint64_t{key.group} << 32 | key.part) * 0x9e3779b97f4a7c15ULL;
  hash ^= (hash >> 29) ^ key.path ^ (std::uint64_t{key.field} << 1 | (key.of_bytes ? 1U : 0U));
  hash *= 0xff51afd7ed558ccdULL;
  return hash ^ (hash >> 32);
}

Channels::Fault Channels::find_or_open(const ChannelKey& key, std::uint32_t& id) {
  const auto found = ids_.find(key);
  if (found != ids_.end()) {
    id = found->second;
    return channels_[id].ended || all_ended_ ? Fault::ended : Fault::none;
  }
  if (all_ended_ || ended_groups_.contains(key.group)) return Fault::ended;
  if (open_.size() >= open_max_ || channels_.size() >= channels_per_open_max * open_max_) {
    return Fault::too_many;
  }
  id = static_cast<std::uint32_t>(channels_.size());
  channels_.push_back({key, false});
  open_.push_back(id);
  ids_.emplace(key, id);
  return Fault::none;
}

template <class Matches>
void Channels::end_where(Matches matches, std::vector<std::uint32_t>& ends) {
  std::size_t kept = 0;
  for (const std::uint32_t id : open_) {
    Channel& channel = channels_[id];
    if (matches(channel.key)) {
      channel.ended = true;
      ends.push_back(id);
    } else {
      open_[kept++] = id;
    }
  }
  open_.resize(kept);
}

void Channels::end_field(std::uint32_t group, std::uint32_t part, Word field,
                         std::vector<std::uint32_t>& ends) {
  end_where(
      [&](const ChannelKey& key) {
        return key.group == group && key.part == part && key.field == field;
      },
      ends);
}

void Channels::end_part(std::uint32_t group, std::uint32_t part, std::vector<std::uint32_t>& ends) {
  end_where([&](const ChannelKey& key) { return key.group == group && key.part == part; }, ends);
}

void Channels::end_group(std::uint32_t group, std::vector<std::uint32_t>& ends) {
  end_where([&](const ChannelKey& key) { return key.group == group; }, ends);
  // Past this bound a group may be opened again, but its channels stay ended.
  if (ended_groups_.size() < channels_per_open_max * open_max_) ended_groups_.insert(group);
}

void Channels::end_own_groups(std::vector<std::uint32_t>& ends) {
  if (next_own_group_ == first_own_group) return;
  end_where([](const ChannelKey& key) { return key.group >= first_own_group; }, ends);
}

}  // namespace menshen::protocol
