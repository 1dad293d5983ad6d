// The checking VFS: reads and writes of whole database pages; everything else is passed on.
#include "storage/sqlite/checksum_vfs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage {
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kPageMax = 65536;

/// What the header of a database says of its pages.
struct Layout {
  std::size_t page_bytes = 0;  // 0: not known yet
  bool checked = false;
};

/// Reads the header, which starts the first page.
Layout layout_of(const unsigned char* header) {
  Layout out;
  if (std::memcmp(header, kMagic.data(), kMagic.size()) != 0) return out;
  const std::size_t bytes = std::size_t{header[16]} << 8U | header[17];
  out.page_bytes = bytes == 1 ? kPageMax : bytes;
  if (out.page_bytes < 512 || (out.page_bytes & (out.page_bytes - 1)) != 0) return Layout();
  out.checked = header[20] == kChecksumBytes;
  return out;
}

/// The checksum of a page: also of its number, so that a page in another's place is noticed.
std::array<unsigned char, kChecksumBytes> checksum_of(const unsigned char* page,
                                                      std::size_t bytes,
                                                      std::int64_t number) {
  const auto seed = static_cast<std::uint32_t>(number);
  const std::string_view content(reinterpret_cast<const char*>(page), bytes - kChecksumBytes);
  const std::uint32_t crc = crc32c(content, seed);
  return {static_cast<unsigned char>(crc), static_cast<unsigned char>(crc >> 8U),
          static_cast<unsigned char>(crc >> 16U), static_cast<unsigned char>(crc >> 24U)};
}

/// Whether a page is what was written. One that never was is all zeros.
bool is_sound(const unsigned char* page, std::size_t bytes, std::int64_t number) {
  const auto expected = checksum_of(page, bytes, number);
  if (std::memcmp(page + bytes - kChecksumBytes, expected.data(), expected.size()) == 0)
    return true;
  return std::all_of(page, page + bytes, [](unsigned char byte) { return byte == 0; });
}

/// Whether the first page is that of a file without checksums. If it isn't marked as checked but
/// its checksum is right for a marked one, the mark itself was hit.
bool is_unmarked(const unsigned char* page, std::size_t bytes) {
  constexpr std::size_t kMark = 20;
  if (page[kMark] != 0) return false;
  std::vector<unsigned char> marked(page, page + bytes);
  marked[kMark] = kChecksumBytes;
  const auto expected = checksum_of(marked.data(), bytes, 1);
  return std::memcmp(page + bytes - kChecksumBytes, expected.data(), expected.size()) != 0;
}

/// An open database file. SQLite allots it, with the base's file right behind.
struct File {
  sqlite3_file base;
  Layout layout;
  unsigned char* scratch;  // one page, for writing
};

File* file_of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}

int file_close(sqlite3_file* file) {
  delete[] file_of(file)->scratch;
  file_of(file)->scratch = nullptr;
  return below(file)->pMethods->xClose(below(file));
}

/// Whether these bytes are whole pages of a file that has checksums.
bool covers_page(const Layout& layout, int amount, sqlite3_int64 offset) {
  return layout.checked && static_cast<std::size_t>(amount) == layout.page_bytes &&
         offset % amount == 0;
}

int file_read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  const int code = below(file)->pMethods->xRead(below(file), into, amount, offset);
  if (code != SQLITE_OK) return code;
  const auto* const bytes = static_cast<const unsigned char*>(into);
  Layout& layout = file_of(file)->layout;
  if (offset == 0 && static_cast<std::size_t>(amount) >= kHeaderBytes) {
    layout = layout_of(bytes);
    const bool whole = static_cast<std::size_t>(amount) == layout.page_bytes;
    if (whole && !layout.checked && !is_unmarked(bytes, layout.page_bytes)) {
      return SQLITE_IOERR_DATA;
    }
  }
  if (!covers_page(layout, amount, offset)) return SQLITE_OK;
  const std::int64_t number = offset / amount + 1;
  return is_sound(bytes, layout.page_bytes, number) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

int file_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  const auto* const bytes = static_cast<const unsigned char*>(from);
  Layout& layout = file_of(file)->layout;
  if (offset == 0 && static_cast<std::size_t>(amount) >= kHeaderBytes) layout = layout_of(bytes);
  if (!covers_page(layout, amount, offset)) {
    return below(file)->pMethods->xWrite(below(file), from, amount, offset);
  }
  unsigned char*& scratch = file_of(file)->scratch;
  if (scratch == nullptr) scratch = new unsigned char[kPageMax];
  const std::size_t content = layout.page_bytes - kChecksumBytes;
  std::memcpy(scratch, bytes, content);
  const auto checksum = checksum_of(scratch, layout.page_bytes, offset / amount + 1);
  std::memcpy(scratch + content, checksum.data(), checksum.size());
  return below(file)->pMethods->xWrite(below(file), scratch, amount, offset);
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return below(file)->pMethods->xTruncate(below(file), size);
}
int file_sync(sqlite3_file* file, int flags) {
  return below(file)->pMethods->xSync(below(file), flags);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return below(file)->pMethods->xFileSize(below(file), size);
}
int file_lock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xLock(below(file), level);
}
int file_unlock(sqlite3_file* file, int level) {
  return below(file)->pMethods->xUnlock(below(file), level);
}
int file_check_reserved(sqlite3_file* file, int* out) {
  return below(file)->pMethods->xCheckReservedLock(below(file), out);
}
int file_control(sqlite3_file* file, int op, void* argument) {
  return below(file)->pMethods->xFileControl(below(file), op, argument);
}
int file_sector(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
int file_traits(sqlite3_file* file) {
  // A page's checksum covers all of it: reading a part of one would prove nothing.
  return below(file)->pMethods->xDeviceCharacteristics(below(file)) & ~SQLITE_IOCAP_SUBPAGE_READ;
}
int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return below(file)->pMethods->xShmMap(below(file), region, size, extend, out);
}
int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}
void file_shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int file_shm_unmap(sqlite3_file* file, int remove) {
  return below(file)->pMethods->xShmUnmap(below(file), remove);
}

// Version 2 has no memory-mapped reads, which would go past the check.
constexpr sqlite3_io_methods kMethods = {
    2,           file_close,   file_read,     file_write,          file_truncate,  file_sync,
    file_size,   file_lock,    file_unlock,   file_check_reserved, file_control,   file_sector,
    file_traits, file_shm_map, file_shm_lock, file_shm_barrier,    file_shm_unmap, nullptr,
    nullptr,
};

sqlite3_vfs* base_of(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

/// Only the database itself is checked; logs and journals belong to the base alone.
int vfs_open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  sqlite3_vfs* const base = base_of(vfs);
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return base->xOpen(base, name, file, flags, out);
  file_of(file)->base.pMethods = nullptr;
  file_of(file)->layout = Layout();
  file_of(file)->scratch = nullptr;
  const int code = base->xOpen(base, name, below(file), flags, out);
  if (below(file)->pMethods != nullptr) file_of(file)->base.pMethods = &kMethods;
  return code;
}

int vfs_delete(sqlite3_vfs* vfs, const char* name, int sync) {
  return base_of(vfs)->xDelete(base_of(vfs), name, sync);
}
int vfs_access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  return base_of(vfs)->xAccess(base_of(vfs), name, flags, out);
}
int vfs_full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  return base_of(vfs)->xFullPathname(base_of(vfs), name, size, out);
}
int vfs_randomness(sqlite3_vfs* vfs, int size, char* out) {
  return base_of(vfs)->xRandomness(base_of(vfs), size, out);
}
int vfs_sleep(sqlite3_vfs* vfs, int us) { return base_of(vfs)->xSleep(base_of(vfs), us); }
int vfs_last_error(sqlite3_vfs* vfs, int size, char* out) {
  return base_of(vfs)->xGetLastError(base_of(vfs), size, out);
}
int vfs_time(sqlite3_vfs* vfs, sqlite3_int64* out) {
  return base_of(vfs)->xCurrentTimeInt64(base_of(vfs), out);
}

/// A registered VFS; lives as long as the program.
struct Registered {
  std::string name;
  sqlite3_vfs vfs{};
};

std::unique_ptr<Registered> make_vfs(sqlite3_vfs* base) {
  auto out = std::make_unique<Registered>();
  out->name = "stardrop-" + std::string(base->zName);
  sqlite3_vfs& vfs = out->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + base->szOsFile;
  vfs.mxPathname = base->mxPathname;
  vfs.zName = out->name.c_str();
  vfs.pAppData = base;
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xGetLastError = vfs_last_error;
  vfs.xCurrentTimeInt64 = vfs_time;
  return out;
}

Error unreadable(const std::string& path, const std::string& reason) {
  return refused(path + " can't be checked.", reason);
}

/// A file opened through a VFS, for reading.
class RawFile {
 public:
  RawFile(sqlite3_vfs* vfs, const std::string& path)
      : memory_(static_cast<std::size_t>(vfs->szOsFile)),
        name_(sqlite3_create_filename(path.c_str(), "", "", 0, nullptr)) {
    std::ranges::fill(memory_, std::byte{0});
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    open_ = vfs->xOpen(vfs, name_, get(), flags, nullptr) == SQLITE_OK;
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() {
    if (get()->pMethods != nullptr) get()->pMethods->xClose(get());
    sqlite3_free_filename(name_);
  }
  bool is_open() const noexcept { return open_; }
  bool read(void* into, std::size_t bytes, std::int64_t offset) {
    return get()->pMethods->xRead(get(), into, static_cast<int>(bytes), offset) == SQLITE_OK;
  }
  std::int64_t size() {
    sqlite3_int64 out = 0;
    return get()->pMethods->xFileSize(get(), &out) == SQLITE_OK ? out : 0;
  }

 private:
  sqlite3_file* get() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }
  std::vector<std::byte> memory_;
  sqlite3_filename name_;
  bool open_ = false;
};

}  // namespace

Result<std::string> checksum_vfs(const std::string& base) {
  static std::mutex mutex;
  static std::map<sqlite3_vfs*, std::unique_ptr<Registered>> registered;
  const std::lock_guard lock(mutex);
  sqlite3_vfs* const found = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
  if (found == nullptr) {
    return Error(ErrorCode::storage_unavailable).detail("There is no SQLite VFS " + base + '.');
  }
  auto& mine = registered[found];
  if (!mine) {
    mine = make_vfs(found);
    sqlite3_vfs_register(&mine->vfs, 0);
  }
  return mine->name;
}

Status reserve_checksums(Database& db) {
  int bytes = kChecksumBytes;
  return db.check(sqlite3_file_control(db.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes),
                  "Asking for page checksums");
}

Result<PageReport> verify_pages(const std::string& path,
                                const std::string& vfs,
                                const std::function<void(std::int64_t, std::int64_t)>& progress) {
  sqlite3_vfs* const base = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (base == nullptr) return unreadable(path, "no_vfs");
  RawFile file(base, path);
  if (!file.is_open()) return unreadable(path, "cannot_open");
  std::array<unsigned char, kHeaderBytes> header{};
  if (!file.read(header.data(), header.size(), 0)) return unreadable(path, "io_error");
  const Layout layout = layout_of(header.data());
  PageReport out;
  if (layout.page_bytes == 0) return unreadable(path, "not_a_database");
  const std::int64_t size = file.size();
  const auto page_bytes = static_cast<std::int64_t>(layout.page_bytes);
  const std::int64_t pages = (size + page_bytes - 1) / page_bytes;
  std::vector<unsigned char> page(layout.page_bytes);
  if (!layout.checked) {
    const bool unmarked =
        file.read(page.data(), page.size(), 0) && is_unmarked(page.data(), page.size());
    out.first_bad = unmarked ? 0 : 1;
    return out;
  }
  out.has_checksums = true;
  for (std::int64_t number = 1; number <= pages && out.first_bad == 0; ++number) {
    const bool read = file.read(page.data(), page.size(), (number - 1) * page_bytes);
    if (!read || !is_sound(page.data(), page.size(), number)) out.first_bad = number;
    ++out.pages;
    if (progress) progress(number, pages);
  }
  return out;
}

}  // namespace stardrop::storage
