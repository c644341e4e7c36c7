# SPDX-License-Identifier: MIT
# Read by CTest, for each test program: gives the label `waits` to the tests in which real time passes
# because somebody waits for something. On a loaded machine they are slower, not wrong:
#
#   stress-ng --cpu 2 & ctest --test-dir build/release -L waits --repeat until-fail:5
set(waiting
    # For moments, pauses and paces.
    Attack.OneSignalEndsLongLoops
    Attack.OneSignalEndsTheWaitForAPipe
    Attack.TwoSignalsEndItWhereverItIs
    DownloadTest.AHostThatKeepsEveryFileWaitingIsGivenUp
    DownloadTest.AStalledTransferIsEndedAndTriedAgain
    DownloadTest.ASlowReceiverDoesNotStallTransfers
    DownloadTest.ASlowReceiverHoldsNewTransfers
    DownloadTest.ATransferHasADeadlineAndIsNotTriedAgain
    DownloadTest.TheDeadlineGrowsWithTheStatedSize
    FaultTest.TheServerSendsAByteNowAndThen
    FaultTest.TheServerStalls
    FaultTest.TheServerThrottles
    NcbiSearchTest.AStormOf429IsSurvivedAtThePace
    NcbiSearchTest.RetryAfterAsADateIsHonoured
    NcbiSearchTest.RetryAfterIsHonoured
    Pace.ThreadsShareIt
    RankTest.FromSearchToTableWithFaultsOn
    RcsbSearchTest.AFailureThatStaysEndsInOneSentence
    ReportCommand.AnInterruptLeavesAnEarlierPage
    Store.KillsInsideCache
    Store.KillsInsideReport
    StoreTest.RetryAfterHoldsTheHost
    # For events.
    Attack.OneSignalEndsADenseSolution
    Bench.EndsOnAnInterruptBeforeTheNextRepetition
    DeviceWorkTest.BatchesAreFilledNotCounted
    InputFile.ACancellationEndsTheWaitForAPipe
    Kill.AtRandomMoments
    NcbiSearchTest.AnInterruptEndsASilentTransfer
    NcbiSearchTest.AnInterruptEndsAWaitAtOnce
    NetAttack.KilledFetchesLeaveNothingAfterTheNextStart
    Output.AnInterruptPrintsTheRankingSoFar
    Outputs.NoReaderOfAFifoOutlastsASignal
    Pace.AnInterruptEndsTheWait
    PipelineTest.WaitsAreMeasured
    RunStoreTest.ACrashIsOfTheEntryThatCrashed
    RunTest.ASecondSignalStopsAtOnce
    RunTest.AnEntryThatThreeProcessesDiedOfIsPassedOverAndNamed
    RunTest.AnInterruptSavesWhatIsInFlight
    RunTest.OneProcessWorksOnARunAndOthersMayLook
    RunTest.RowsAreStreamedAsTheyAreSolved
    Signals.LeaveWhatWasThere
    StoreTest.CancellationWaitsForNoTransfer)
foreach(test IN LISTS ${program}_TESTS)
  list(FIND waiting "${test}" place)
  if(place GREATER_EQUAL 0)
    set_tests_properties("${test}" PROPERTIES LABELS "${label};waits")
  endif()
endforeach()
