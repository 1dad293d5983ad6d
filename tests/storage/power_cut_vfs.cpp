// The disk and its VFS.
#include "tests/storage/power_cut_vfs.h"

#include <algorithm>
#include <cstring>

#include <sqlite3.h>

#include "base/check.h"

namespace stardrop::testing {
namespace {

constexpr std::size_t kSector = 512;
PowerCutDisk* the_disk = nullptr;

struct OpenFile {
  sqlite3_file base;
  PowerCutDisk::File* file;
};

PowerCutDisk::File& file_of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->file; }

int file_close(sqlite3_file*) { return SQLITE_OK; }

int file_read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  if (const int code = the_disk->permit(DiskCall::read); code != SQLITE_OK) return code;
  const std::string& bytes = file_of(file).current;
  const auto from = static_cast<std::size_t>(offset);
  const auto wanted = static_cast<std::size_t>(amount);
  const std::size_t there = from >= bytes.size() ? 0 : std::min(wanted, bytes.size() - from);
  std::memcpy(into, bytes.data() + std::min(from, bytes.size()), there);
  std::memset(static_cast<char*>(into) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

void put(std::string& bytes, std::size_t offset, std::string_view data) {
  if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size(), '\0');
  bytes.replace(offset, data.size(), data);
}

int file_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  if (const int code = the_disk->permit(DiskCall::write); code != SQLITE_OK) return code;
  const std::string data(static_cast<const char*>(from), static_cast<std::size_t>(amount));
  put(file_of(file).current, static_cast<std::size_t>(offset), data);
  file_of(file).unsynced.push_back({static_cast<std::size_t>(offset), data, false});
  return SQLITE_OK;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = the_disk->permit(DiskCall::truncate); code != SQLITE_OK) return code;
  file_of(file).current.resize(static_cast<std::size_t>(size), '\0');
  file_of(file).unsynced.push_back({static_cast<std::size_t>(size), {}, true});
  return SQLITE_OK;
}

int file_sync(sqlite3_file* file, int) { return the_disk->sync(file_of(file)); }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).current.size());
  return SQLITE_OK;
}

int file_lock(sqlite3_file*, int) { return SQLITE_OK; }
int file_check_lock(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int file_sector(sqlite3_file*) { return static_cast<int>(kSector); }
int file_traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int file_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& regions = file_of(file).shared_memory;
  const auto at = static_cast<std::size_t>(region);
  *out = nullptr;
  if (at >= regions.size() && extend == 0) return SQLITE_OK;
  while (at >= regions.size()) {
    regions.push_back(std::make_unique<std::string>(static_cast<std::size_t>(size), '\0'));
  }
  *out = regions[at]->data();
  return SQLITE_OK;
}
int file_shm_lock(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void file_shm_barrier(sqlite3_file*) {}
int file_shm_unmap(sqlite3_file* file, int) {
  file_of(file).shared_memory.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    2,           file_close,   file_read,     file_write,       file_truncate,  file_sync,
    file_size,   file_lock,    file_lock,     file_check_lock,  file_control,   file_sector,
    file_traits, file_shm_map, file_shm_lock, file_shm_barrier, file_shm_unmap, nullptr,
    nullptr,
};

int vfs_open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
  auto* const open = reinterpret_cast<OpenFile*>(file);
  open->base.pMethods = nullptr;
  if (const int code = the_disk->permit(DiskCall::open); code != SQLITE_OK) {
    return (code & 0xff) == SQLITE_FULL ? SQLITE_FULL : SQLITE_CANTOPEN;
  }
  open->file = the_disk->find(name);
  if (open->file == nullptr) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    open->file = &the_disk->create(name);
  }
  open->base.pMethods = &kMethods;
  if (out != nullptr) *out = flags;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs*, const char* name, int durably) {
  if (const int code = the_disk->permit(DiskCall::write); code != SQLITE_OK) return code;
  the_disk->remove(name, durably != 0);
  return SQLITE_OK;
}

int vfs_access(sqlite3_vfs*, const char* name, int, int* out) {
  const PowerCutDisk::File* const file = the_disk->find(name);
  *out = file != nullptr && !file->current.empty() ? 1 : 0;
  return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int vfs_randomness(sqlite3_vfs*, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(the_disk->dice().next());
  return size;
}
int vfs_sleep(sqlite3_vfs*, int us) { return us; }
int vfs_last_error(sqlite3_vfs*, int, char*) { return 0; }
int vfs_time(sqlite3_vfs*, sqlite3_int64* out) {
  *out = 212'345'678'901'234;
  return SQLITE_OK;
}

sqlite3_vfs make_vfs() {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 1024;
  vfs.zName = PowerCutDisk::vfs_name();
  vfs.xOpen = vfs_open;
  vfs.xDelete = vfs_delete;
  vfs.xAccess = vfs_access;
  vfs.xFullPathname = vfs_full_path;
  vfs.xRandomness = vfs_randomness;
  vfs.xSleep = vfs_sleep;
  vfs.xGetLastError = vfs_last_error;
  vfs.xCurrentTimeInt64 = vfs_time;
  return vfs;
}

}  // namespace

const char* PowerCutDisk::vfs_name() { return "power-cut"; }

PowerCutDisk::PowerCutDisk(std::uint64_t seed) : random_(seed) {
  STARDROP_ASSERT(the_disk == nullptr, "there is one disk at a time");
  the_disk = this;
  static sqlite3_vfs vfs = make_vfs();
  sqlite3_vfs_register(&vfs, 0);
}

PowerCutDisk::~PowerCutDisk() { the_disk = nullptr; }

void PowerCutDisk::cut_at_sync(std::int64_t n) { cut_in_ = n; }

void PowerCutDisk::cut() { off_ = true; }

void PowerCutDisk::fail(DiskCall call, std::int64_t n, bool forever, bool full) {
  failing_ = call;
  fail_in_ = n;
  forever_ = forever;
  full_ = full;
  failed_ = false;
}

void PowerCutDisk::heal() {
  fail_in_ = 0;
  forever_ = false;
}

int PowerCutDisk::permit(DiskCall call) {
  if (off_) return SQLITE_IOERR;
  if (call != failing_ || fail_in_ <= 0) return SQLITE_OK;
  if (fail_in_ > 1) {
    --fail_in_;
    return SQLITE_OK;
  }
  if (!forever_) fail_in_ = 0;
  failed_ = true;
  switch (call) {
    case DiskCall::read: return SQLITE_IOERR_READ;
    case DiskCall::truncate: return SQLITE_IOERR_TRUNCATE;
    case DiskCall::sync: return SQLITE_IOERR_FSYNC;
    case DiskCall::open:
    case DiskCall::write: return full_ ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  return SQLITE_IOERR;
}

PowerCutDisk::File* PowerCutDisk::find(const std::string& name) {
  const auto found = files_.find(name);
  return found == files_.end() || found->second->deleted ? nullptr : found->second.get();
}

PowerCutDisk::File& PowerCutDisk::create(const std::string& name) {
  auto& file = files_[name];
  if (!file) file = std::make_unique<File>();
  file->deleted = false;
  file->current.clear();
  file->unsynced.push_back({0, {}, true});
  return *file;
}

void PowerCutDisk::remove(const std::string& name, bool durably) {
  const auto found = files_.find(name);
  if (found == files_.end()) return;
  File& file = *found->second;
  file.deleted = true;
  file.current.clear();
  if (durably) {
    file.durable.clear();
    file.unsynced.clear();
    file.survives = false;
  }
}

int PowerCutDisk::sync(File& file) {
  const int code = permit(DiskCall::sync);
  if (code == SQLITE_IOERR_FSYNC) {
    // What a failed sync leaves: some of it written, and the system believes all is well.
    settle(file);
    return code;
  }
  if (code != SQLITE_OK) return code;
  ++syncs_;
  const bool last = cut_in_ > 0 && --cut_in_ == 0;
  if (last && random_.below(2) == 0) {
    off_ = true;
    return SQLITE_IOERR_FSYNC;
  }
  file.durable = file.current;
  file.unsynced.clear();
  file.survives = true;
  off_ = off_ || last;
  return off_ ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

/// Makes durable what a cut may leave of the writes since the last sync.
void PowerCutDisk::settle(File& file) {
  const std::uint64_t share = random_.below(5) * 25;  // per cent of the sectors that got through
  for (const Write& write : file.unsynced) {
    if (write.is_truncate) {
      if (random_.below(100) < share) file.durable.resize(write.offset, '\0');
      continue;
    }
    for (std::size_t at = 0; at < write.data.size(); at += kSector) {
      if (random_.below(100) >= share) continue;
      put(file.durable, write.offset + at, std::string_view(write.data).substr(at, kSector));
    }
  }
  file.unsynced.clear();
}

void PowerCutDisk::restart() {
  for (auto& [name, file] : files_) {
    if (!file->survives && random_.below(2) == 0) {
      file->durable.clear();
      file->unsynced.clear();
    }
    const bool comes_back = !file->deleted || (file->survives && random_.below(2) == 0);
    settle(*file);
    if (!comes_back) file->durable.clear();
    file->deleted = !comes_back || file->durable.empty();
    file->survives = !file->deleted;
    file->current = file->durable;
    file->shared_memory.clear();
  }
  off_ = false;
  cut_in_ = 0;
  heal();
}

}  // namespace stardrop::testing
