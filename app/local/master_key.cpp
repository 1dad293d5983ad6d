// The master key: it seals every personal text, and lives in a file of its own.
#include "app/local/master_key.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/redact.h"
#include "base/hash.h"

namespace stardrop::app {

namespace {

constexpr std::string_view kSqlite = "sqlite:";

std::string why(const std::string& path) { return path + ": " + std::strerror(errno); }

}  // namespace

std::string sqlite_path(const std::string& db) {
  return db.starts_with(kSqlite) ? db.substr(kSqlite.size()) : std::string();
}

bool is_postgres(std::string_view db) {
  return db.starts_with("postgres://") || db.starts_with("postgresql://");
}

std::string files_of(const std::string& db) {
  return is_postgres(db) ? "var/stardrop" : sqlite_path(db);
}

std::string master_key_path(const std::string& db, const std::string& setting) {
  return setting.empty() ? files_of(db) + ".key" : setting;
}

void keep_new_files_private() { ::umask(S_IRWXG | S_IRWXO); }

bool is_private(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) != 0 || (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

std::string write_private_file(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return why(path);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const std::string problem = written ? "" : why(path);
  ::close(file);
  return problem;
}

MasterKey load_master_key(const std::string& path, bool make) {
  MasterKey out;
  std::ifstream file(path);
  if (!file && !make)
    return {
        {}, path + ": the master key is missing; without it no personal text can be read", false};
  if (!file) {
    std::error_code ignored;  // what can't be made can't be written to, and that is told
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    out.key = new_secret_key();
    out.made = true;
    const std::string digits = hex({reinterpret_cast<const char*>(out.key.data()), out.key.size()});
    out.problem = write_private_file(path, digits + "\n");
    remember_secret(digits);
    return out;
  }
  if (!is_private(path)) {
    out.problem = path + " may be read by others; take that away with: chmod 600 " + path;
    return out;
  }
  std::string line;
  std::getline(file, line);
  const std::string bytes = unhex(line);
  if (bytes.size() != out.key.size()) {
    out.problem = path + " does not hold 64 hexadecimal digits";
    return out;
  }
  std::memcpy(out.key.data(), bytes.data(), bytes.size());
  remember_secret(line);
  return out;
}

}  // namespace stardrop::app
