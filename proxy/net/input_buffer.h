// Bytes received and not yet used: a flat block that only moves when its owner says that nothing
// points into it. One thread.
//
//   auto room = buffer.prepare(8 * 1024);   // may move what data() showed
//   buffer.commit(recv(room.data(), room.size()));
//   use(buffer.data()); buffer.consume(n);  // moves nothing
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace menshen::net {

class InputBuffer {
 public:
  [[nodiscard]] std::string_view data() const noexcept {
    return {block_.get() + begin_, end_ - begin_};
  }
  [[nodiscard]] char* bytes() noexcept { return block_.get() + begin_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::span<char> tail() noexcept { return {block_.get() + end_, capacity_ - end_}; }

  // Room for more, in a block of at least `capacity` bytes; empty when the block is full.
  std::span<char> prepare(std::size_t capacity) {
    if (capacity > capacity_) {
      move_to(capacity);
    } else if (begin_ > 0) {
      std::memmove(block_.get(), block_.get() + begin_, size());
      end_ -= std::exchange(begin_, 0);
    }
    return tail();
  }
  void commit(std::size_t count) noexcept { end_ += count; }
  void consume(std::size_t count) noexcept { begin_ += std::min(count, size()); }
  // Gives memory back when the block is larger than `capacity` and what it holds fits.
  void shrink(std::size_t capacity) {
    if (capacity_ > capacity && size() <= capacity) move_to(capacity);
  }

 private:
  void move_to(std::size_t capacity) {
    auto block = std::make_unique_for_overwrite<char[]>(capacity);
    if (size() > 0) std::memcpy(block.get(), block_.get() + begin_, size());
    end_ -= std::exchange(begin_, 0);
    block_ = std::move(block);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace menshen::net
