# The files that are compiled into the program. First the example projects that `ecloud compute app
# create` writes out.
set(template_files
  golang/.dockerignore golang/.env.example golang/.gitignore golang/Dockerfile golang/README.md
  golang/ecloud.yaml golang/go.mod golang/main.go
  python/.dockerignore python/.env.example python/.gitignore python/Dockerfile python/README.md
  python/ecloud.yaml python/main.py
  rust/.dockerignore rust/.env.example rust/.gitignore rust/Cargo.lock rust/Cargo.toml
  rust/Dockerfile rust/README.md rust/ecloud.yaml rust/src/main.rs
  typescript/.dockerignore typescript/.env.example typescript/.gitignore typescript/Dockerfile
  typescript/README.md typescript/ecloud.yaml typescript/package-lock.json typescript/package.json
  typescript/src/main.ts typescript/tsconfig.json)

set(template_source ${PROJECT_BINARY_DIR}/generated/cli/template_files.cc)
list(TRANSFORM template_files PREPEND ${PROJECT_SOURCE_DIR}/examples/ OUTPUT_VARIABLE template_paths)
add_custom_command(
  OUTPUT ${template_source}
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${PROJECT_SOURCE_DIR}/examples "-DFILES=${template_files}"
          -DOUTPUT=${template_source} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
  DEPENDS ${template_paths} ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
  VERBATIM)
target_sources(ecloud_cli PRIVATE ${template_source})

# What starts an app in an image of ours, a shell script.
set(start_script ${PROJECT_SOURCE_DIR}/src/platform/start_script.sh)
set(start_script_source ${PROJECT_BINARY_DIR}/generated/platform/start_script_text.cc)
add_custom_command(
  OUTPUT ${start_script_source}
  COMMAND ${CMAKE_COMMAND} -DFILE=${start_script} -DHEADER=platform/start_script_text.h
          -DNAMESPACE=ecloud::platform -DNAME=kStartScriptText -DOUTPUT=${start_script_source}
          -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
  DEPENDS ${start_script} ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
  VERBATIM)
target_sources(ecloud_platform PRIVATE ${start_script_source})
