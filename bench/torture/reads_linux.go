package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// watchReads records when each of paths, new files and folders, was last read; the
// function that it returns lists those read since. It only reads their inodes: Linux
// records the first read after a write, and for a day no second one. canary is a file
// that it creates to find out whether the file system records reads.
func watchReads(paths []string, canary string) (touched func() ([]string, error), err error) {
	if err := notesReads(canary); err != nil {
		return nil, err
	}
	before := make([]syscall.Timespec, len(paths))
	for i, p := range paths {
		if before[i], err = accessOf(p); err != nil {
			return nil, err
		}
	}
	return func() (read []string, err error) {
		for i, p := range paths {
			now, err := accessOf(p)
			if err != nil {
				return nil, err
			}
			if now != before[i] {
				read = append(read, p)
			}
		}
		return read, nil
	}, nil
}

// notesReads returns errSkip if the file system does not record reads.
func notesReads(canary string) error {
	if err := os.WriteFile(canary, []byte("x"), 0o644); err != nil {
		return err
	}
	was, err := accessOf(canary)
	if err != nil {
		return err
	}
	for range 20 { // the clock of files is coarse
		time.Sleep(5 * time.Millisecond)
		if _, err := os.ReadFile(canary); err != nil {
			return err
		}
		if now, err := accessOf(canary); err != nil || now != was {
			return err
		}
	}
	return fmt.Errorf("%w: the file system does not note reads", errSkip)
}

func accessOf(path string) (syscall.Timespec, error) {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return syscall.Timespec{}, fmt.Errorf("%s: %w", path, err)
	}
	return st.Atim, nil
}
