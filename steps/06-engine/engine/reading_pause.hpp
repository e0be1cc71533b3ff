// A pause while files are read, as for `commit`: it ends with who made it,
// however that ends.
//
//   STATE/containers/ID/reading    locked by who reads; not locked any more:
//                                  a pause that was forgotten
#pragma once

#include <string>

#include "06-engine/engine/engine.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// While it lives, a running container is paused; one that is paused already,
/// or does not run, stays as it is.
class ReadingPause {
  public:
    ReadingPause(const Engine& engine, const std::string& id);
    ReadingPause(const ReadingPause&) = delete;
    ReadingPause& operator=(const ReadingPause&) = delete;
    ~ReadingPause();

  private:
    const Engine& engine_;
    std::string id_;
    UniqueFd note_;
};

/// Lets a container go on whose reader was killed. True: there was one.
bool end_forgotten_pause(const Engine& engine, const std::string& id);

}  // namespace slipway
