// Bytes waiting to be sent.
#include "api/http/output_buffer.h"

#include <algorithm>
#include <utility>

namespace stardrop::api::http {
namespace {

constexpr std::size_t kMoveBytesMin = 8 * 1024;      // below this a copy is cheaper than a piece
constexpr std::size_t kJoinBytesMax = 32 * 1024;     // a joined piece grows no further than this
constexpr std::size_t kKeepCapacityMax = 16 * 1024;  // capacity an idle connection may keep
constexpr std::size_t kGatherMax = 64;               // pieces a single write takes

}  // namespace

std::string& OutputBuffer::tail() {
  const bool joinable = first_ < pieces_.size() && !pieces_.back().shared &&
                        pieces_.back().own.size() < kJoinBytesMax;
  if (!joinable) pieces_.emplace_back();
  return pieces_.back().own;
}

void OutputBuffer::append(std::string_view text) {
  if (text.empty()) return;
  tail().append(text);
  bytes_ += text.size();
}

void OutputBuffer::append_body(std::string&& body) {
  if (body.size() < kMoveBytesMin) return append(body);
  bytes_ += body.size();
  pieces_.push_back({std::move(body), nullptr});
}

void OutputBuffer::append_shared(SharedText text) {
  if (text->empty()) return;
  bytes_ += text->size();
  pieces_.push_back({std::string(), std::move(text)});
}

void OutputBuffer::append_all(OutputBuffer& other) {
  for (Piece& piece : other.pieces_) {
    if (piece.shared) {
      append_shared(std::move(piece.shared));
    } else {
      append_body(std::move(piece.own));
    }
  }
  other.clear();
}

const std::vector<boost::asio::const_buffer>& OutputBuffer::gather() {
  gathered_.clear();
  std::size_t offset = first_offset_;
  const std::size_t end = std::min(pieces_.size(), first_ + kGatherMax);
  for (std::size_t i = first_; i < end; ++i) {
    const std::string_view text = pieces_[i].text().substr(offset);
    if (!text.empty()) gathered_.emplace_back(text.data(), text.size());
    offset = 0;
  }
  return gathered_;
}

void OutputBuffer::consume(std::size_t count) {
  bytes_ -= count;
  if (bytes_ == 0) return clear();
  while (count > 0) {
    const std::size_t left = pieces_[first_].text().size() - first_offset_;
    if (count < left) {
      first_offset_ += count;
      return;
    }
    count -= left;
    pieces_[first_] = Piece{};
    ++first_;
    first_offset_ = 0;
  }
  // Sent pieces at the front must not pile up under a reader that never quite catches up.
  if (first_ >= kGatherMax) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void OutputBuffer::clear() {
  std::string kept;
  if (!pieces_.empty() && pieces_.front().own.capacity() <= kKeepCapacityMax) {
    kept = std::move(pieces_.front().own);
    kept.clear();
  }
  pieces_.clear();
  if (kept.capacity() > 64) pieces_.push_back({std::move(kept), nullptr});
  first_ = first_offset_ = bytes_ = 0;
}

}  // namespace stardrop::api::http
