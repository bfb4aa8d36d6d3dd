// Package cluster runs PostgreSQL servers for tests and measurements: in a folder
// of their own, on a Unix socket alone, as an unprivileged user, and gone when the
// process that started them is.
//
//	s, err := cluster.New()            // initdb; ErrNotInstalled without PostgreSQL
//	defer s.Remove()
//	err = s.Start(ctx, "fsync=off")    // settings of postgresql.conf
//	err = s.Create(ctx, "province", "")
//	url := s.URL("province")
//
// [Server.Replica], [Server.Promote] and [Server.Kill] make and break a primary
// with its replica. The programs are those of Debian's packages, the newest
// version that is installed.
package cluster
