// The log as its one writer holds it: two segments that take each group of records in one write,
// and behind them the bundles and tiles that the sealer makes.
//
//   auto store = LogStore::open("var", Begin::allowed);
//   store->start({.publish = ..., .failed = ...});
//   store->begin();  store->append(record);  store->put_checkpoint(note);
//   store->commit();                         // one write and one sync
//
// A segment is begun anew once every record in it stands in a complete bundle; until then the
// writer goes on in the other, which grows. open() recovers: it finds where the bundles end, reads
// the frames behind them, and cuts off a last frame that a crash left torn. Only the last can be:
// the writer has one under way.
//
// The writer's thread alone. After any error of commit() the object's tree is ahead of the disk:
// destroy it and open() anew, which recovers by reading. Errors: unavailable, code
// "evidence_unavailable"; invalid_config, codes "evidence_tampered" for a log in whose middle
// something is wrong, "evidence_gone" for one that is missing, "evidence_former" for one of a
// format before this one.
#pragma once

#include "audit/canonical.h"
#include "audit/files.h"
#include "audit/merkle.h"
#include "audit/sealer.h"
#include "audit/segment.h"
#include "audit/tile_store.h"
#include "core/error.h"

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::audit {

// Whether a log that is not there may be begun.
enum class Begin { allowed, refused };

// Code "evidence_tampered": `what`, and what to do about it.
[[nodiscard]] core::Error tampered_error(std::string what, std::string_view where);
// Whether a log may be opened there, or begun. Errors: "evidence_gone", "evidence_former".
[[nodiscard]] core::Result<void> check_beginning(const std::filesystem::path& directory,
                                                 Begin begin);

class LogStore {
 public:
  [[nodiscard]] static core::Result<LogStore> open(const std::filesystem::path& directory,
                                                   Begin begin);
  // From here on bundles are sealed, and the listener gets each head once its tiles stand.
  void start(Sealer::Listener listener);

  // What this store writes into is still what others find at its paths. Between commits.
  [[nodiscard]] core::Result<void> in_place() const { return segments_[current_].in_place(); }

  [[nodiscard]] const Frontier& tree() const noexcept { return tree_; }

  void begin();
  // Gives the record's number.
  std::uint64_t append(const CanonicalRecord& record);
  // A record that has its number already, from another form of the same log.
  void append_numbered(std::string_view body);
  // A head over all records so far.
  void put_checkpoint(std::string note);
  // Durable when it returns: what was appended since begin(), and the head.
  [[nodiscard]] core::Result<void> commit();
  // Hands a head that was committed on to be published. An empty one asks for its tiles alone.
  void publish(const std::string& note);
  // Waits for bundles and tiles; false: some could not be written.
  [[nodiscard]] bool sealed() { return sealer_->finished(); }

  // The last head in the log; absent when there is none.
  [[nodiscard]] const std::optional<std::string>& last_head() const noexcept { return last_head_; }
  // The root of the tree over the records before `size`, from stored hashes.
  [[nodiscard]] core::Result<Hash> root_at(std::uint64_t size);
  // The stored leaf hash and the body of a record; absent when it is not there.
  [[nodiscard]] core::Result<std::optional<std::pair<Hash, std::string>>> record(std::uint64_t seq);

  // A crash left the last frame torn, and open() has cut it off.
  [[nodiscard]] bool was_torn() const noexcept { return torn_at_.has_value(); }

 private:
  LogStore(const std::filesystem::path& directory, std::array<Segment, 2> segments);
  [[nodiscard]] core::Result<void> recover();
  [[nodiscard]] core::Result<void> read_frames(const std::array<std::string, 2>& contents);
  [[nodiscard]] core::Result<void> begin_tree(std::uint64_t size);
  [[nodiscard]] core::Result<bool> take(const Frame& frame);
  [[nodiscard]] core::Result<void> check_rest(const std::array<std::string, 2>& contents);
  // Writes again what was read: after a failed sync the kernel may hold pages that it will never
  // write, yet calls them clean.
  [[nodiscard]] core::Result<void> rewrite(const std::array<std::string, 2>& contents);
  void keep(std::string_view body, const Hash& leaf);
  void hand_over();
  [[nodiscard]] core::Result<Hash> node(const Subtree& subtree) const;
  [[nodiscard]] core::Result<const Bundle*> bundle_of(std::uint64_t seq);
  [[nodiscard]] core::Result<void> choose_segment(std::uint64_t bytes);

  std::filesystem::path directory_;
  TileStore tiles_;
  std::array<Segment, 2> segments_;
  std::array<std::uint64_t, 2> ends_{};  // one more than the last record that each segment holds
  std::size_t current_ = 0;
  std::uint64_t at_ = 0;                  // where the next frame goes
  std::uint64_t sealed_ = 0;              // when it was opened
  TileLevels levels_;                     // until the sealer has them
  std::uint64_t handed_over_ = 0;         // records in bundles that the sealer has
  bool begun_ = false;                    // tree_ is the log's
  std::array<std::size_t, 2> read_to_{};  // how far open() took each segment's frames
  std::optional<std::pair<std::size_t, std::size_t>> torn_at_;  // segment, place
  Frontier tree_;
  std::deque<std::shared_ptr<Bundle>> bundles_;  // of records that are not sealed; the last grows
  Bundle read_;                                  // the last that was read back
  std::optional<std::string> last_head_;

  FrameHeader header_;  // of the frame under way
  std::string hashes_;
  std::string entries_;
  std::string note_;
  std::string body_;  // scratch

  std::unique_ptr<Sealer> sealer_;
};

}  // namespace menshen::audit
